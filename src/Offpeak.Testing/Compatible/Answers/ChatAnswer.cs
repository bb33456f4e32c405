using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI API reference: the chat completion object.</summary>
internal sealed class ChatAnswer(AnswerRequest request, ModelOutput output) : OpenAIAnswer(200, output.UsageFor(request))
{
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("chatcmpl-"));
        writer.WriteString("object", "chat.completion");
        writer.WriteNumber("created", request.At.ToUnixTimeSeconds());
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("choices");
        if (output.Tool is not null)
            WriteChoice(writer, 0, choice: null);
        for (var index = 0; index < output.Choices.Count; index++)
            WriteChoice(writer, index, output.Choices[index]);
        writer.WriteEndArray();
        WriteUsage(writer);
        writer.WriteString("service_tier", "default");
        writer.WriteString("system_fingerprint", "fp_emulator");
        writer.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter writer, int index, AnswerPlay? choice)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        WriteContent(writer, choice?.Texts ?? []);
        if (output.Tool is { } tool)
            WriteToolCall(writer, tool);
        writer.WriteString("refusal", choice?.End == AnswerEnd.Refused ? AnswerPlay.Refusal : null);
        writer.WriteStartArray("annotations");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", request.Chosen?.FinishReason ?? FinishOf(choice));
        writer.WriteEndObject();
    }

    private static string FinishOf(AnswerPlay? choice) => choice?.End switch
    {
        null => "tool_calls",
        AnswerEnd.Blocked => "content_filter",
        AnswerEnd.CutOff => "length",
        _ => "stop",
    };

    // OpenAI's own models have one text; servers that speak its dialect may send parts.
    private static void WriteContent(Utf8JsonWriter writer, IReadOnlyList<string> texts)
    {
        if (texts.Count < 2)
        {
            writer.WriteString("content", texts is [var only] ? only : null);
            return;
        }

        writer.WriteStartArray("content");
        foreach (var text in texts)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteToolCall(Utf8JsonWriter writer, string tool)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("call_"));
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", tool);
        writer.WriteString("arguments", output.Arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", Usage.Input);
        writer.WriteNumber("completion_tokens", Usage.Output);
        writer.WriteNumber("total_tokens", Usage.Total);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", 0);
        writer.WriteNumber("audio_tokens", 0);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", output.Thoughts);
        writer.WriteNumber("audio_tokens", 0);
        writer.WriteNumber("accepted_prediction_tokens", 0);
        writer.WriteNumber("rejected_prediction_tokens", 0);
        writer.WriteEndObject();
        request.WriteCost?.Invoke(writer, Usage);
        writer.WriteEndObject();
    }
}
