using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Results;

/// <summary>
/// One line of an output or error file (OpenAI API reference, Batch, request output object), read in one forward pass. Of duplicate
/// names the first counts.
/// </summary>
internal struct OpenAIResultLine : IKeyedLine
{
    public string? Key { readonly get; private set; }
    public bool HasResponse;
    public int? StatusCode;
    public int BodyStart;
    public int BodyLength;
    public BodyFields Fields;
    public OpenAIErrorFields Error;

    public readonly bool HasBody => BodyLength > 0;

    public void ReadProperty(ref Utf8JsonReader reader)
    {
        if (Key is null && reader.IsNamed("custom_id"u8) && reader.Read())
        {
            Key = reader.TokenType == JsonTokenType.String ? reader.TextOrNull() : null;
            reader.SkipValue();
        }
        else if (!HasResponse && reader.IsNamed("response"u8) && reader.Read())
            ReadResponse(ref reader);
        else if (!Error.Exists && reader.IsNamed("error"u8) && reader.Read())
            Error = OpenAIErrorFields.Read(ref reader);
        else if (reader.Read())
            reader.SkipValue();
    }

    private void ReadResponse(ref Utf8JsonReader reader)
    {
        HasResponse = reader.TokenType == JsonTokenType.StartObject;
        if (!HasResponse)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            if (StatusCode is null && reader.IsNamed("status_code"u8) && reader.Read())
            {
                StatusCode = reader.NumberOrNull() is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
                reader.SkipValue();
            }
            else if (!HasBody && reader.IsNamed("body"u8) && reader.Read())
                ReadBody(ref reader);
            else if (reader.Read())
                reader.SkipValue();
        }
    }

    private void ReadBody(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        BodyStart = (int)reader.TokenStartIndex;
        Fields = BodyFields.Read(ref reader);
        BodyLength = (int)reader.BytesConsumed - BodyStart;
    }
}
