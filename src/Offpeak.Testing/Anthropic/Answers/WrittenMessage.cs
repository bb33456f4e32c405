using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic API reference: the message object.</summary>
internal sealed class WrittenMessage(AnswerRequest request, MessageOutput output) : MessageAnswer(200, output.UsageFor(request))
{
    public const string ServerTool = "server_tool_use";

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
        writer.WriteString("stop_reason", request.Chosen?.FinishReason ?? StopReason);
        writer.WriteNull("stop_sequence");
        if (IsRefused)
            WriteStopDetails(writer);
        WriteUsage(writer, serviceTier);
        writer.WriteEndObject();
    }

    private bool IsRefused => output.Play.End is AnswerEnd.Refused or AnswerEnd.Blocked;

    private string StopReason => output.Play.End switch
    {
        _ when IsRefused => "refusal",
        AnswerEnd.CutOff => "max_tokens",
        AnswerEnd.Paused => "pause_turn",
        _ => output.Tool is null ? "end_turn" : "tool_use",
    };

    private static void WriteStopDetails(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("stop_details");
        writer.WriteString("type", "refusal");
        writer.WriteNull("category");
        writer.WriteString("explanation", AnswerPlay.Refusal);
        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        if (output.Play.Thoughts > 0)
            WriteThinking(writer);
        if (output.Tool is { } tool)
            WriteCall(writer, "tool_use", "toolu_", tool, output.Play.Texts[0]);
        else
            WriteTexts(writer);
        if (output.Play.End == AnswerEnd.Paused)
            WriteCall(writer, ServerTool, "srvtoolu_", "web_search", """{"query":"more"}""");
    }

    private void WriteTexts(Utf8JsonWriter writer)
    {
        foreach (var text in output.Play.Texts)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }
    }

    private void WriteCall(Utf8JsonWriter writer, string type, string prefix, string tool, string input)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("id", request.Id(prefix));
        writer.WriteString("name", tool);
        writer.WritePropertyName("input");
        writer.WriteRawValue(input);
        writer.WriteEndObject();
    }

    private void WriteThinking(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "thinking");
        writer.WriteString("thinking", "Let me think.");
        writer.WriteString("signature", Convert.ToBase64String(BitConverter.GetBytes(request.Hash)));
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
