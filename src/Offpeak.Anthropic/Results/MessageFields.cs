using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

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

    /// <summary>Why the model stopped, in the engine's words where there is one.</summary>
    public readonly string? FinishReason => StopReason switch
    {
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
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
        {
            HasContent = reader.TokenType == JsonTokenType.StartArray;
            reader.SkipValue();
        }
        else
            reader.NextIgnored();
    }
}
