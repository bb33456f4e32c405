using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>Finds an answer's text in one forward pass.</summary>
internal static class GeminiAnswerText
{
    /// <summary>The joined texts of the first candidate that are no thoughts; null if there are none or the body cannot be read.</summary>
    public static string? Read(ReadOnlySpan<byte> body)
    {
        string? text = null;
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (reader.Read() && EnterArray(ref reader, "candidates"u8) && reader.Read()
                && EnterObject(ref reader, "content"u8) && EnterArray(ref reader, "parts"u8))
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    text = ReadPart(ref reader) is { } part ? text + part : text;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return text;
    }

    private static bool EnterArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        Enter(ref reader, name) && reader.TokenType == JsonTokenType.StartArray;

    private static bool EnterObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        Enter(ref reader, name) && reader.TokenType == JsonTokenType.StartObject;

    /// <summary>In an object: moves to the value of a property, passing over those before it.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.NextProperty())
        {
            var wanted = reader.IsNamed(name);
            reader.Read();
            if (wanted)
                return true;
            reader.SkipValue();
        }

        return false;
    }

    private static string? ReadPart(ref Utf8JsonReader reader)
    {
        string? text = null;
        var isThought = false;
        while (reader.NextProperty())
        {
            var isText = reader.IsNamed("text"u8);
            var saysThought = reader.IsNamed("thought"u8);
            reader.Read();
            if (isText && reader.TokenType == JsonTokenType.String)
                text = reader.TextOrNull();
            isThought |= saysThought && reader.TokenType == JsonTokenType.True;
            reader.SkipValue();
        }

        return isThought ? null : text;
    }
}
