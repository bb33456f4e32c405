using System.Text.Json;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Results;

/// <summary>The status of an entry that failed (google.rpc.Status), or a bare text in its place.</summary>
internal struct GeminiErrorFields
{
    public bool Exists;
    public long? Code;
    public string? Word;
    public string? Message;

    public readonly string? Name => Word ?? RpcCode.Word(Code);

    public readonly bool IsPassing => RpcCode.IsPassing(Code, Word);

    /// <summary>Reads the current value to its end. An empty object says that nothing is wrong.</summary>
    public static GeminiErrorFields Read(ref Utf8JsonReader reader)
    {
        var error = new GeminiErrorFields();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            error.Message = reader.TextOrNull();
            error.Exists = error.Message is not null;
            reader.SkipValue();
            return error;
        }

        while (reader.NextProperty())
            error.ReadProperty(ref reader);
        error.Exists = error.Code is not (null or 0) || error.Word is not (null or "OK") || error.Message is not null;
        return error;
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        var isCode = reader.IsNamed("code"u8);
        var isWord = reader.IsNamed("status"u8);
        var isMessage = reader.IsNamed("message"u8);
        reader.Read();
        if (isCode && Code is null)
            Code = reader.NumberOrNull();
        else if (isWord && reader.TokenType == JsonTokenType.String)
            Word ??= reader.TextOrNull();
        else if (isMessage && reader.TokenType == JsonTokenType.String)
            Message ??= reader.TextOrNull();
        reader.SkipValue();
    }
}
