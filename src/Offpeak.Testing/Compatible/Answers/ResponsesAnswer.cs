using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI API reference: the response object.</summary>
internal sealed class ResponsesAnswer(AnswerRequest request, ModelOutput output) : OpenAIAnswer(200, output.UsageFor(request))
{
    // Settings that the API repeats from the request, with the values it shows for those left out.
    private static readonly (string Name, string Default)[] Echoed =
    [
        ("instructions", "null"), ("max_output_tokens", "null"), ("max_tool_calls", "null"), ("parallel_tool_calls", "true"),
        ("previous_response_id", "null"), ("prompt_cache_key", "null"), ("reasoning", """{"effort":null,"summary":null}"""),
        ("safety_identifier", "null"), ("store", "true"), ("temperature", "1.0"),
        ("text", """{"format":{"type":"text"},"verbosity":"medium"}"""),
        ("tool_choice", "\"auto\""), ("tools", "[]"), ("top_logprobs", "0"), ("top_p", "1.0"), ("truncation", "\"disabled\""),
        ("user", "null"), ("metadata", "{}"),
    ];

    private AnswerPlay? Play => output.Choices is [var first, ..] ? first : null;

    private string? IncompleteReason => request.Chosen?.FinishReason ?? Play?.End switch
    {
        AnswerEnd.Blocked => "content_filter",
        AnswerEnd.CutOff => "max_output_tokens",
        _ => null,
    };

    private string ItemStatus => IncompleteReason is null ? "completed" : "incomplete";

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("resp_"));
        writer.WriteString("object", "response");
        writer.WriteNumber("created_at", request.At.ToUnixTimeSeconds());
        writer.WriteString("status", ItemStatus);
        writer.WriteBoolean("background", false);
        writer.WriteNull("error");
        WriteIncompleteDetails(writer);
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("output");
        WriteOutput(writer);
        writer.WriteEndArray();
        writer.WriteString("service_tier", "default");
        WriteEchoes(writer);
        WriteUsage(writer);
        writer.WriteEndObject();
    }

    private void WriteIncompleteDetails(Utf8JsonWriter writer)
    {
        if (IncompleteReason is not { } reason)
        {
            writer.WriteNull("incomplete_details");
            return;
        }

        writer.WriteStartObject("incomplete_details");
        writer.WriteString("reason", reason);
        writer.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter writer)
    {
        if (output.Tool is { } tool)
            WriteToolCall(writer, tool);
        if (output.Thoughts > 0)
            WriteReasoning(writer);
        if (Play?.End == AnswerEnd.Refused)
            WriteMessage(writer, "refusal", "refusal", AnswerPlay.Refusal);
        foreach (var text in Play?.Texts ?? [])
            WriteMessage(writer, "output_text", "text", text);
    }

    private void WriteToolCall(Utf8JsonWriter writer, string tool)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("fc_"));
        writer.WriteString("type", "function_call");
        writer.WriteString("status", ItemStatus);
        writer.WriteString("arguments", output.Arguments);
        writer.WriteString("call_id", request.Id("call_"));
        writer.WriteString("name", tool);
        writer.WriteEndObject();
    }

    private void WriteReasoning(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("rs_"));
        writer.WriteString("type", "reasoning");
        writer.WriteStartArray("summary");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteMessage(Utf8JsonWriter writer, string type, string name, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("id", request.Id("msg_"));
        writer.WriteString("type", "message");
        writer.WriteString("status", ItemStatus);
        writer.WriteStartArray("content");
        writer.WriteStartObject();
        writer.WriteString("type", type);
        if (type == "output_text")
        {
            writer.WriteStartArray("annotations");
            writer.WriteEndArray();
            writer.WriteStartArray("logprobs");
            writer.WriteEndArray();
        }

        writer.WriteString(name, text);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("role", "assistant");
        writer.WriteEndObject();
    }

    private void WriteEchoes(Utf8JsonWriter writer)
    {
        foreach (var (name, fallback) in Echoed)
        {
            writer.WritePropertyName(name);
            if (request.Body.TryGetProperty(name, out var value))
                value.WriteTo(writer);
            else
                writer.WriteRawValue(fallback, skipInputValidation: true);
        }
    }

    private void WriteUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", Usage.Input);
        writer.WriteStartObject("input_tokens_details");
        writer.WriteNumber("cached_tokens", 0);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens", Usage.Output);
        writer.WriteStartObject("output_tokens_details");
        writer.WriteNumber("reasoning_tokens", output.Thoughts);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens", Usage.Total);
        request.WriteCost?.Invoke(writer, Usage);
        writer.WriteEndObject();
    }
}
