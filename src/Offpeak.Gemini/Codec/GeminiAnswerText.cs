using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>Finds the texts of answers in one forward pass.</summary>
internal static class GeminiAnswerText
{
    /// <summary>The first candidates, each with the texts that are no thoughts; none if the body cannot be read.</summary>
    public static IReadOnlyList<AnswerChoice> Read(ReadOnlySpan<byte> body, int most)
    {
        var choices = new List<AnswerChoice>();
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (!reader.Read() || !Enter(ref reader, "candidates"u8) || reader.TokenType != JsonTokenType.StartArray)
                return choices;
            while (choices.Count < most && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                choices.Add(ReadCandidate(ref reader));
        }
        catch (JsonException)
        {
            return [];
        }

        return choices;
    }

    private static AnswerChoice ReadCandidate(ref Utf8JsonReader reader)
    {
        var parts = new List<string>();
        var end = reader;
        end.SkipValue();
        if (Enter(ref reader, "content"u8) && Enter(ref reader, "parts"u8) && reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                if (ReadPart(ref reader) is { } part)
                    parts.Add(part);
            }
        }

        reader = end;
        return new AnswerChoice(parts.Count == 0 ? null : string.Concat(parts), parts);
    }

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
