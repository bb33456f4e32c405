using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>Finds the texts of answers in one forward pass.</summary>
internal static class OpenAIAnswerText
{
    /// <summary>The first answers of a body, each with its text or the refusal in its place; none if the body cannot be read.</summary>
    public static IReadOnlyList<AnswerChoice> Read(EndpointKind kind, ReadOnlySpan<byte> body, int most)
    {
        var choices = new List<Found>();
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                ReadRoot(ref reader, kind == EndpointKind.Chat ? "choices"u8 : "output"u8, kind, choices, most);
        }
        catch (JsonException)
        {
            return [];
        }

        return [.. choices.Select(choice => choice.ToChoice())];
    }

    private static void ReadRoot(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, EndpointKind kind, List<Found> choices, int most)
    {
        while (reader.NextProperty())
        {
            var wanted = reader.IsNamed(name) && choices.Count == 0;
            reader.Read();
            if (!wanted || reader.TokenType != JsonTokenType.StartArray)
                reader.SkipValue();
            else if (kind == EndpointKind.Chat)
                ReadChoices(ref reader, choices, most);
            else
                ReadOutput(ref reader, choices);
        }
    }

    private static void ReadChoices(ref Utf8JsonReader reader, List<Found> choices, int most)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (choices.Count == most || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.SkipValue();
                continue;
            }

            var found = default(Found);
            while (reader.NextProperty())
            {
                var isMessage = reader.IsNamed("message"u8);
                reader.Read();
                if (isMessage && reader.TokenType == JsonTokenType.StartObject)
                    ReadMessage(ref reader, ref found);
                else
                    reader.SkipValue();
            }

            choices.Add(found);
        }
    }

    private static void ReadOutput(ref Utf8JsonReader reader, List<Found> choices)
    {
        var found = default(Found);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadMessage(ref reader, ref found);
            else
                reader.SkipValue();
        }

        choices.Add(found);
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
                found.Add(reader.TextOrNull());
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
            found.Add(text);
        else if (type is "refusal")
            found.Refusal += refusal;
    }

    private struct Found
    {
        private string? text;
        private List<string>? parts;

        public string? Refusal;

        public void Add(string? part)
        {
            if (part is null)
                return;
            text += part;
            (parts ??= []).Add(part);
        }

        public readonly AnswerChoice ToChoice() => parts is { } said ? new(text, said) : new(Refusal, Refusal is null ? [] : [Refusal]);
    }
}
