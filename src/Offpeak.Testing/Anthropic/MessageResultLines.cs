using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>Lines of results: of four types, the error inside an envelope of its own (Anthropic API reference: Message Batches, Results).</summary>
internal sealed class MessageResultLines : IResultLines
{
    public bool TellsCancelled => true;

    public static void WriteAnswer(Utf8JsonWriter writer, string customId, MessageAnswer answer)
    {
        Begin(writer, customId, answer.IsError ? "errored" : "succeeded");
        writer.WritePropertyName(answer.IsError ? "error" : "message");
        answer.Write(writer, "batch");
        End(writer);
    }

    public void WriteError(Utf8JsonWriter writer, string customId, string code, string? message = null)
    {
        if (code is "batch_expired" or "batch_cancelled")
        {
            Begin(writer, customId, code == "batch_expired" ? "expired" : "canceled");
            End(writer);
            return;
        }

        WriteAnswer(writer, customId, MessageAnswer.Error(500, message ?? "The request failed.", code));
    }

    public void WriteRefusal(Utf8JsonWriter writer, string customId, int statusCode) =>
        WriteAnswer(writer, customId, MessageAnswer.Error(statusCode, "Internal server error", null));

    private static void Begin(Utf8JsonWriter writer, string customId, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("custom_id", customId);
        writer.WriteStartObject("result");
        writer.WriteString("type", type);
    }

    private static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
