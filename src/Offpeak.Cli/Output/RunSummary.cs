using Offpeak.Batches;

namespace Offpeak.Cli.Output;

/// <summary>How a batch ended, in one line.</summary>
internal static class RunSummary
{
    /// <param name="details">The batch.</param>
    /// <param name="cutOff">How many of the answers were cut off.</param>
    /// <param name="errors">Its errors, the commonest first.</param>
    /// <param name="database">Where it is.</param>
    public static string Of(BatchDetails details, int cutOff, IReadOnlyList<EntryErrorCount> errors, Database database)
    {
        var batch = details.Batch;
        var text = $"Batch {batch.Id} {batch.Status.ToName()}: {batch.SucceededCount:N0} of {batch.EntryCount:N0} entries succeeded";
        if (cutOff > 0)
            text += $" ({cutOff:N0} cut off at the limit on output tokens)";

        if (batch.FailedCount > 0)
            text += $", {batch.FailedCount:N0} failed";

        if (batch.ExpiredCount > 0)
            text += $", {batch.ExpiredCount:N0} expired";

        if (batch.CanceledCount > 0)
            text += $", {batch.CanceledCount:N0} canceled";

        text += batch is { Cost: null, InputTokens: null } ? "." : $"; cost {CostOf(details)}.";
        if (batch.FailureReason is not null)
            text += $" {batch.FailureReason}";

        return text + Advice(batch, errors, database);
    }

    // Its code alone: what a provider says of an entry may repeat the prompt, and standard error is kept in logs.
    private static string Advice(BatchInfo batch, IReadOnlyList<EntryErrorCount> errors, Database database)
    {
        var commonest = errors is [var first, ..] && batch.FailedCount > 0
            ? $" The commonest error is {first.Code} ({first.Count:N0}); '{database.Suggest($"show {batch.Id}")}' says more."
            : "";
        return batch.SucceededCount == batch.EntryCount ? ""
            : errors is [{ Code: FailureCodes.InvalidAnswer } only] && batch.SucceededCount + only.Count == batch.EntryCount
                ? $"{commonest} Asking again seldom helps: look at the schema and the prompt."
            : $"{commonest}{(batch.Cost >= batch.MaxCost ? " The same command with a larger --max-cost, then" : "")} '{database.Suggest($"retry {batch.Id}")}', then the same command, asks again.";
    }

    // What nobody can see may be on the bill too.
    private static string CostOf(BatchDetails details) =>
        (details.Batch.Cost is not null && Doubts.Count(details) > 0 ? "at least " : "") + Dollars.Text(details.Batch.Cost);
}
