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
        WriteChoice(writer);
        writer.WriteEndArray();
        WriteUsage(writer);
        writer.WriteString("service_tier", "default");
        writer.WriteString("system_fingerprint", "fp_emulator");
        writer.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", output.Tool is null ? output.Text : null);
        if (output.Tool is { } tool)
            WriteToolCall(writer, tool);
        writer.WriteNull("refusal");
        writer.WriteStartArray("annotations");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", request.Chosen?.FinishReason ?? (output.Tool is null ? "stop" : "tool_calls"));
        writer.WriteEndObject();
    }

    private void WriteToolCall(Utf8JsonWriter writer, string tool)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("call_"));
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", tool);
        writer.WriteString("arguments", output.Text);
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
        writer.WriteNumber("reasoning_tokens", 0);
        writer.WriteNumber("audio_tokens", 0);
        writer.WriteNumber("accepted_prediction_tokens", 0);
        writer.WriteNumber("rejected_prediction_tokens", 0);
        writer.WriteEndObject();
        request.WriteCost?.Invoke(writer, Usage);
        writer.WriteEndObject();
    }
}
