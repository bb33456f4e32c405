using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>Finds an answer's text in one forward pass.</summary>
internal static class OpenAIAnswerText
{
    /// <summary>The text, or the refusal in its place; null if there is neither or the body cannot be read.</summary>
    public static string? Read(EndpointKind kind, ReadOnlySpan<byte> body)
    {
        var found = new Found();
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                ReadRoot(ref reader, kind == EndpointKind.Chat ? "choices"u8 : "output"u8, kind, ref found);
        }
        catch (JsonException)
        {
            return null;
        }

        return found.Text ?? found.Refusal;
    }

    private static void ReadRoot(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, EndpointKind kind, ref Found found)
    {
        while (reader.NextProperty())
        {
            var wanted = reader.IsNamed(name);
            reader.Read();
            if (!wanted || reader.TokenType != JsonTokenType.StartArray)
                reader.SkipValue();
            else if (kind == EndpointKind.Chat)
                ReadChoices(ref reader, ref found);
            else
                ReadOutput(ref reader, ref found);
        }
    }

    private static void ReadChoices(ref Utf8JsonReader reader, ref Found found)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index > 0 || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.SkipValue();
                continue;
            }

            while (reader.NextProperty())
            {
                var isMessage = reader.IsNamed("message"u8);
                reader.Read();
                if (isMessage && reader.TokenType == JsonTokenType.StartObject)
                    ReadMessage(ref reader, ref found);
                else
                    reader.SkipValue();
            }
        }
    }

    private static void ReadOutput(ref Utf8JsonReader reader, ref Found found)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadMessage(ref reader, ref found);
            else
                reader.SkipValue();
        }
    }

    /// <summary>A chat message has its text in <c>content</c>; an output item has parts there.</summary>
    private static void ReadMessage(ref Utf8JsonReader reader, ref Found found)
    {
        while (reader.NextProperty())
        {
            var isContent = reader.IsNamed("content"u8);
            var isRefusal = reader.IsNamed("refusal"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isContent)
                found.Text += reader.TextOrNull();
            else if (reader.TokenType == JsonTokenType.String && isRefusal)
                found.Refusal += reader.TextOrNull();
            else if (reader.TokenType == JsonTokenType.StartArray && isContent)
                ReadParts(ref reader, ref found);
            else
                reader.SkipValue();
        }
    }

    private static void ReadParts(ref Utf8JsonReader reader, ref Found found)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadPart(ref reader, ref found);
            else
                reader.SkipValue();
        }
    }

    private static void ReadPart(ref Utf8JsonReader reader, ref Found found)
    {
        string? type = null, text = null, refusal = null;
        while (reader.NextProperty())
        {
            var isType = reader.IsNamed("type"u8);
            var isText = reader.IsNamed("text"u8);
            var isRefusal = reader.IsNamed("refusal"u8);
            reader.Read();
            type = isType ? reader.TextOrNull() : type;
            text = isText ? reader.TextOrNull() : text;
            refusal = isRefusal ? reader.TextOrNull() : refusal;
            reader.SkipValue();
        }

        if (type is "output_text" or "text")
            found.Text += text;
        else if (type is "refusal")
            found.Refusal += refusal;
    }

    private struct Found
    {
        public string? Text;
        public string? Refusal;
    }
}
