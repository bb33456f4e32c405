using System.Buffers;
using System.Text.Json;
using Offpeak.Batches;
using Offpeak.Kit.Json;

namespace Offpeak.Cli.Output;

/// <summary>Writes one entry as a line of output JSONL.</summary>
internal sealed class ResultWriter : IDisposable
{
    /// <summary>How deep a line may nest: the bodies are stored as the provider sent them, deeper than the writer's default allows.</summary>
    public const int MaxDepth = 2_000;

    private readonly ArrayBufferWriter<byte> buffer = new(4_096);
    private readonly Utf8JsonWriter json;

    public ResultWriter() => json = new Utf8JsonWriter(buffer, JsonLine.Relaxed with { SkipValidation = true, MaxDepth = MaxDepth });

    /// <summary>The line, with its line feed; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Write(EntryOutcome outcome)
    {
        Begin(outcome);
        var text = outcome.Text;
        json.WriteString("text", text);
        json.WritePropertyName("output");
        AnswerOutput.Write(json, outcome, text);
        WriteError(outcome);
        json.WriteString("finish_reason", outcome.FinishReason);
        json.WriteString("model", outcome.Model ?? outcome.RequestedModel);
        WriteUsage(outcome);
        json.WriteNumberOrNull("cost_usd", outcome.Cost);
        return End();
    }

    /// <summary>The id and the provider's body as it came; valid until the next call.</summary>
    public ReadOnlyMemory<byte> WriteRaw(EntryOutcome outcome)
    {
        Begin(outcome);
        json.WritePropertyName("body");
        if (outcome.Body.IsEmpty)
            json.WriteNullValue();
        else
            json.WriteRawValue(OneLine.Compact(outcome.Body.Span), skipInputValidation: true);
        return End();
    }

    public void Dispose() => json.Dispose();

    private void Begin(EntryOutcome outcome)
    {
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("id", outcome.CustomId);
        json.WriteString("status", outcome.Status.ToName());
    }

    private ReadOnlyMemory<byte> End()
    {
        json.WriteEndObject();
        json.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private void WriteError(EntryOutcome entry)
    {
        if (!HasError(entry))
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", entry.ErrorCode);
        json.WriteString("message", entry.ErrorMessage);
        json.WriteEndObject();
    }

    // An entry that is asked again still carries why its last round failed, which is not its outcome.
    public static bool HasError(EntryOutcome entry) =>
        entry.Status is EntryStatus.Failed or EntryStatus.Canceled or EntryStatus.Expired
        && (entry.ErrorCode is not null || entry.ErrorMessage is not null);

    private void WriteUsage(EntryOutcome entry)
    {
        if (entry.InputTokens is null && entry.OutputTokens is null)
        {
            json.WriteNull("usage");
            return;
        }

        json.WriteStartObject("usage");
        json.WriteNumberOrNull("input_tokens", entry.InputTokens);
        json.WriteNumberOrNull("cached_input_tokens", entry.CachedInputTokens);
        json.WriteNumberOrNull("output_tokens", entry.OutputTokens);
        json.WriteEndObject();
    }
}
