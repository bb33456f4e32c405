using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Codec;

/// <summary>Joins a message's text blocks in one forward pass.</summary>
internal static class MessageText
{
    /// <summary>The text; null if there is none or the body cannot be read.</summary>
    public static string? Read(ReadOnlySpan<byte> body)
    {
        string? text = null;
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.NextProperty())
            {
                var isContent = reader.IsNamed("content"u8);
                reader.Read();
                if (isContent && reader.TokenType == JsonTokenType.StartArray)
                    ReadBlocks(ref reader, ref text);
                else
                    reader.SkipValue();
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return text;
    }

    private static void ReadBlocks(ref Utf8JsonReader reader, ref string? text)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadBlock(ref reader, ref text);
            else
                reader.SkipValue();
        }
    }

    private static void ReadBlock(ref Utf8JsonReader reader, ref string? text)
    {
        string? type = null, words = null;
        while (reader.NextProperty())
        {
            if (type is null && reader.IsNamed("type"u8))
                type = reader.NextText();
            else if (words is null && reader.IsNamed("text"u8))
                words = reader.NextText();
            else
                reader.NextIgnored();
        }

        if (type == "text")
            text += words;
    }
}
