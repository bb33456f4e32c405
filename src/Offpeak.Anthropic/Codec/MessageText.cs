using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Codec;

/// <summary>Finds a message's text blocks in one forward pass.</summary>
internal static class MessageText
{
    /// <summary>The texts; none if the body cannot be read.</summary>
    public static List<string> Read(ReadOnlySpan<byte> body)
    {
        var texts = new List<string>();
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return texts;
            while (reader.NextProperty())
            {
                var isContent = reader.IsNamed("content"u8);
                reader.Read();
                if (isContent && reader.TokenType == JsonTokenType.StartArray)
                    ReadBlocks(ref reader, texts);
                else
                    reader.SkipValue();
            }
        }
        catch (JsonException)
        {
            return [];
        }

        return texts;
    }

    private static void ReadBlocks(ref Utf8JsonReader reader, List<string> texts)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadBlock(ref reader, texts);
            else
                reader.SkipValue();
        }
    }

    private static void ReadBlock(ref Utf8JsonReader reader, List<string> texts)
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

        if (type == "text" && words is not null)
            texts.Add(words);
    }
}
