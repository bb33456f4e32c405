using System.Buffers;
using System.Text;
using System.Text.Json;
using Offpeak.Batches;

namespace Offpeak.Cli.Output;

/// <summary>
/// Writes entries as CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets a leading apostrophe, because answers come from
/// outside.
/// </summary>
internal static class CsvLine
{
    public const string Header =
        "id,status,text,output,error_code,error_message,finish_reason,model,input_tokens,cached_input_tokens,output_tokens,cost_usd\r\n";

    public static string Write(EntryOutcome outcome)
    {
        var hasError = ResultWriter.HasError(outcome);
        return string.Join(
            ',',
            Text(outcome.CustomId),
            outcome.Status.ToName(),
            Text(outcome.Text),
            Text(OutputOf(outcome)),
            Text(hasError ? outcome.ErrorCode : null),
            Text(hasError ? outcome.ErrorMessage : null),
            Text(outcome.FinishReason),
            Text(outcome.Model ?? outcome.RequestedModel),
            outcome.InputTokens,
            outcome.CachedInputTokens,
            outcome.OutputTokens,
            outcome.Cost) + "\r\n";
    }

    private static string OutputOf(EntryOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonLine.Relaxed with { SkipValidation = true, MaxDepth = ResultWriter.MaxDepth }))
            AnswerOutput.Write(json, outcome, outcome.Text);

        return buffer.WrittenSpan.SequenceEqual("null"u8) ? "" : Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\0' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
