using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Results;

/// <summary>What we take from a message beside its bytes (Anthropic API reference, Messages, Create, the answer).</summary>
internal struct MessageFields
{
    public bool IsObject;
    public bool HasContent;
    public string? Type;
    public string? Model;
    public string? StopReason;
    public TokenUsage? Usage;
    public AnthropicErrorFields Error;

    /// <summary>Why the model refused, in words, where the message says it.</summary>
    public string? Explanation;

    private bool holdsSomething;

    /// <summary>Whether the content is there and holds neither text nor a tool's call nor anything else but thoughts.</summary>
    public readonly bool IsEmpty => HasContent && !holdsSomething;

    public readonly bool IsRefused => StopReason == FinishReasons.Refusal;

    /// <summary>Why the model stopped, in the engine's words where there is one.</summary>
    public readonly string? FinishReason => StopReason switch
    {
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        var other => other,
    };

    /// <summary>Reads the current value to its end. Of duplicate names the first counts.</summary>
    public static MessageFields Read(ref Utf8JsonReader reader)
    {
        var message = new MessageFields { IsObject = reader.TokenType == JsonTokenType.StartObject };
        if (!message.IsObject)
        {
            reader.SkipValue();
            return message;
        }

        while (reader.NextProperty())
            message.ReadProperty(ref reader);
        return message;
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (Type is null && reader.IsNamed("type"u8))
            Type = reader.NextText();
        else if (Model is null && reader.IsNamed("model"u8))
            Model = reader.NextText();
        else if (StopReason is null && reader.IsNamed("stop_reason"u8))
            StopReason = reader.NextText();
        else if (Usage is null && reader.IsNamed("usage"u8) && reader.Read())
            Usage = AnthropicUsageFields.Read(ref reader);
        else if (!Error.Exists && reader.IsNamed("error"u8) && reader.Read())
            Error = AnthropicErrorFields.Read(ref reader);
        else if (!HasContent && reader.IsNamed("content"u8) && reader.Read())
            ReadContent(ref reader);
        else if (Explanation is null && reader.IsNamed("stop_details"u8) && reader.Read())
            Explanation = reader.TextIn("explanation"u8);
        else
            reader.NextIgnored();
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        HasContent = reader.TokenType == JsonTokenType.StartArray;
        if (!HasContent)
        {
            reader.SkipValue();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            ReadBlock(ref reader);
    }

    private void ReadBlock(ref Utf8JsonReader reader)
    {
        string? type = null;
        var hasWords = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            if (type is null && reader.IsNamed("type"u8))
                type = reader.NextText();
            else if (reader.IsNamed("text"u8) && reader.Read())
            {
                hasWords |= reader.HasWords();
                reader.SkipValue();
            }
            else
                reader.NextIgnored();
        }

        holdsSomething |= type == "text" ? hasWords : type is not ("thinking" or "redacted_thinking");
    }
}
