using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Results;

/// <summary>
/// Whether an answer holds anything, and whether it is a refusal (OpenAI API reference, chat completion message and response output items).
/// Reasoning alone is nothing.
/// </summary>
internal struct AnswerContent
{
    public bool HasContent;
    public bool IsRefused;
    public string? Refusal;

    public void Add(in AnswerContent other)
    {
        HasContent |= other.HasContent;
        IsRefused |= other.IsRefused;
        Refusal ??= other.Refusal;
    }

    /// <summary>Reads the current choice to its end.</summary>
    /// <returns>Its finish reason.</returns>
    public string? ReadChoice(ref Utf8JsonReader reader)
    {
        string? finish = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        while (reader.NextProperty())
        {
            if (finish is null && reader.IsNamed("finish_reason"u8))
                finish = reader.NextText();
            else if (reader.IsNamed("message"u8) && reader.Read())
                ReadMessage(ref reader);
            else if (reader.IsNamed("text"u8) && reader.Read())
                ReadText(ref reader);
            else
                reader.NextIgnored();
        }

        return finish;
    }

    /// <summary>Reads the current output item to its end.</summary>
    /// <returns>Its type.</returns>
    public string? ReadItem(ref Utf8JsonReader reader)
    {
        string? type = null;
        var item = default(AnswerContent);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        while (reader.NextProperty())
        {
            if (type is null && reader.IsNamed("type"u8))
                type = reader.NextText();
            else if (reader.IsNamed("content"u8) && reader.Read())
                item.ReadContent(ref reader);
            else
                reader.NextIgnored();
        }

        // Whatever is neither said nor thought was done: calls, images, searches.
        if (type is "message" or null)
            Add(item);
        else
            HasContent |= type != "reasoning";
        return type;
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            var isOther = reader.IsNamed("tool_calls"u8) || reader.IsNamed("images"u8) || reader.IsNamed("function_call"u8) || reader.IsNamed("audio"u8);
            if (reader.IsNamed("content"u8) && reader.Read())
                ReadContent(ref reader);
            else if (reader.IsNamed("refusal"u8) && reader.Read())
                ReadRefusal(ref reader);
            else if (isOther && reader.Read())
                ReadOther(ref reader);
            else
                reader.NextIgnored();
        }
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            ReadText(ref reader);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            ReadPart(ref reader);
    }

    private void ReadPart(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            ReadText(ref reader);
            return;
        }

        string? type = null;
        var (text, refusal) = (default(AnswerContent), default(AnswerContent));
        while (reader.NextProperty())
        {
            if (type is null && reader.IsNamed("type"u8))
                type = reader.NextText();
            else if (reader.IsNamed("text"u8) && reader.Read())
                text.ReadText(ref reader);
            else if (reader.IsNamed("refusal"u8) && reader.Read())
                refusal.ReadRefusal(ref reader);
            else
                reader.NextIgnored();
        }

        if (type == "refusal")
        {
            Add(refusal);
            IsRefused = true;
        }
        else if (type is "text" or "output_text" or null)
            Add(text);
        else
            HasContent |= type is not ("thinking" or "reasoning");
    }

    private void ReadText(ref Utf8JsonReader reader)
    {
        HasContent |= reader.HasWords();
        reader.SkipValue();
    }

    private void ReadRefusal(ref Utf8JsonReader reader)
    {
        if (reader.HasWords())
        {
            IsRefused = true;
            Refusal ??= reader.TextOrNull();
        }

        reader.SkipValue();
    }

    private void ReadOther(ref Utf8JsonReader reader)
    {
        var inside = reader;
        HasContent |= reader.TokenType == JsonTokenType.StartObject
            || (reader.TokenType == JsonTokenType.StartArray && inside.Read() && inside.TokenType != JsonTokenType.EndArray);
        reader.SkipValue();
    }
}
