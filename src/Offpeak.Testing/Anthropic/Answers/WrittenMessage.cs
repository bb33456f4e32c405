using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic API reference: the message object.</summary>
internal sealed class WrittenMessage(AnswerRequest request, MessageOutput output) : MessageAnswer(200, output.UsageFor(request))
{
    public override void Write(Utf8JsonWriter writer, string serviceTier)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("msg_"));
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("content");
        WriteContent(writer);
        writer.WriteEndArray();
        writer.WriteString("stop_reason", request.Chosen?.FinishReason ?? (output.Tool is null ? "end_turn" : "tool_use"));
        writer.WriteNull("stop_sequence");
        WriteUsage(writer, serviceTier);
        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (output.Tool is { } tool)
        {
            writer.WriteString("type", "tool_use");
            writer.WriteString("id", request.Id("toolu_"));
            writer.WriteString("name", tool);
            writer.WritePropertyName("input");
            writer.WriteRawValue(output.Text);
        }
        else
        {
            writer.WriteString("type", "text");
            writer.WriteString("text", output.Text);
        }

        writer.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter writer, string serviceTier)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", Usage.Input);
        writer.WriteNumber("cache_creation_input_tokens", 0);
        writer.WriteNumber("cache_read_input_tokens", 0);
        writer.WriteNumber("output_tokens", Usage.Output);
        writer.WriteString("service_tier", serviceTier);
        writer.WriteEndObject();
    }
}
