using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Results;

/// <summary>
/// One result, read in one forward pass: a line of a file with its <c>key</c>, or an item of a batch with the <c>metadata</c> we sent.
/// Errors stand under <c>error</c> or, by the guide's words, <c>status</c>. Of duplicate names the first counts.
/// </summary>
internal struct GeminiResultLine : IKeyedLine
{
    public bool HasResponse;
    public bool HasError;
    public int BodyStart;
    public int BodyLength;
    public AnswerFields Answer;
    public GeminiErrorFields Error;

    private string? key;
    private string? metadataKey;

    public readonly string? Key => key ?? metadataKey;

    public void ReadProperty(ref Utf8JsonReader reader)
    {
        if (key is null && reader.IsNamed("key"u8) && reader.Read())
        {
            key = reader.TokenType == JsonTokenType.String ? reader.TextOrNull() : null;
            reader.SkipValue();
        }
        else if (metadataKey is null && reader.IsNamed("metadata"u8) && reader.Read())
            ReadMetadata(ref reader);
        else if (!HasResponse && reader.IsNamed("response"u8) && reader.Read())
            ReadResponse(ref reader);
        else if (!HasError && (reader.IsNamed("error"u8) || reader.IsNamed("status"u8)) && reader.Read())
            ReadError(ref reader);
        else if (reader.Read())
            reader.SkipValue();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            var isKey = reader.IsNamed("key"u8);
            reader.Read();
            if (isKey && reader.TokenType == JsonTokenType.String)
                metadataKey ??= reader.TextOrNull();
            reader.SkipValue();
        }
    }

    private void ReadResponse(ref Utf8JsonReader reader)
    {
        HasResponse = reader.TokenType == JsonTokenType.StartObject;
        if (!HasResponse)
        {
            reader.SkipValue();
            return;
        }

        var start = (int)reader.TokenStartIndex;
        Answer = AnswerFields.Read(ref reader);
        if (!HasError)
            (BodyStart, BodyLength) = (start, (int)reader.BytesConsumed - start);
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        Error = GeminiErrorFields.Read(ref reader);
        HasError = Error.Exists;
        if (HasError)
            (BodyStart, BodyLength) = (start, (int)reader.BytesConsumed - start);
    }
}
