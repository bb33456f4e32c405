using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Results;

/// <summary>An error object, or a bare text in its place.</summary>
internal struct OpenAIErrorFields
{
    public bool Exists;
    public string? Code;
    public string? Type;
    public string? Message;

    public readonly string? CodeOrType => Code ?? Type;

    /// <summary>Reads the current value to its end.</summary>
    public static OpenAIErrorFields Read(ref Utf8JsonReader reader)
    {
        var error = new OpenAIErrorFields { Exists = reader.TokenType != JsonTokenType.Null };
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            error.Message = reader.TextOrNull();
            reader.SkipValue();
            return error;
        }

        while (reader.NextProperty())
        {
            if (error.Code is null && reader.IsNamed("code"u8))
                error.Code = reader.NextText();
            else if (error.Type is null && reader.IsNamed("type"u8))
                error.Type = reader.NextText();
            else if (error.Message is null && reader.IsNamed("message"u8))
                error.Message = reader.NextText();
            else
                reader.NextText();
        }

        return error;
    }
}
