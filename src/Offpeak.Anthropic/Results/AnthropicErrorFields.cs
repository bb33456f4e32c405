using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Results;

/// <summary>
/// An error object. In a result line it stands inside an envelope that is called error too: <c>result.error.error.message</c> (Anthropic
/// API reference, Message Batches, Results).
/// </summary>
internal struct AnthropicErrorFields
{
    private const int DeepestEnvelope = 3;

    public bool Exists;
    public string? Type;
    public string? Message;

    /// <summary>Reads the current value to its end.</summary>
    public static AnthropicErrorFields Read(ref Utf8JsonReader reader) => Read(ref reader, 0);

    private static AnthropicErrorFields Read(ref Utf8JsonReader reader, int depth)
    {
        var error = new AnthropicErrorFields { Exists = reader.TokenType != JsonTokenType.Null };
        var inner = default(AnthropicErrorFields);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            error.Message = reader.TextOrNull();
            reader.SkipValue();
            return error;
        }

        while (reader.NextProperty())
        {
            if (!inner.Exists && depth < DeepestEnvelope && reader.IsNamed("error"u8) && reader.Read())
                inner = Read(ref reader, depth + 1);
            else if (error.Type is null && reader.IsNamed("type"u8))
                error.Type = reader.NextText();
            else if (error.Message is null && reader.IsNamed("message"u8))
                error.Message = reader.NextText();
            else
                reader.NextIgnored();
        }

        return inner.Exists ? inner : error;
    }
}
