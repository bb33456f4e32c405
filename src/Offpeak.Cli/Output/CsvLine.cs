using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Cli.Output;

/// <summary>
/// Writes entries as CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets a leading apostrophe, because answers come from
/// outside.
/// </summary>
internal static class CsvLine
{
    public const string Header =
        "id,status,text,error_code,error_message,finish_reason,model,input_tokens,cached_input_tokens,output_tokens,cost_usd\r\n";

    public static string Write(EntryOutcome outcome)
    {
        var entry = outcome.Entry;
        return string.Join(
            ',',
            Text(entry.CustomId),
            SnakeCaseEnum<EntryStatus>.Name(entry.Status),
            Text(outcome.Text),
            Text(ResultLine.HasError(entry) ? entry.ErrorCode : null),
            Text(ResultLine.HasError(entry) ? entry.ErrorMessage : null),
            Text(entry.FinishReason),
            Text(entry.ResponseModel ?? entry.Model),
            entry.InputTokens,
            entry.CachedInputTokens,
            entry.OutputTokens,
            entry.Cost) + "\r\n";
    }

    private static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\0' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
