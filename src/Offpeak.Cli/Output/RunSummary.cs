using Offpeak.Batches;

namespace Offpeak.Cli.Output;

/// <summary>How a batch ended, in one line.</summary>
internal static class RunSummary
{
    public static string Of(BatchDetails details, Database database)
    {
        var batch = details.Batch;
        var text = $"Batch {batch.Id} {batch.Status.ToName()}: {batch.SucceededCount:N0} of {batch.EntryCount:N0} entries succeeded";
        if (batch.FailedCount > 0)
            text += $", {batch.FailedCount:N0} failed";

        if (batch.ExpiredCount > 0)
            text += $", {batch.ExpiredCount:N0} expired";

        if (batch.CanceledCount > 0)
            text += $", {batch.CanceledCount:N0} cancelled";

        text += batch is { Cost: null, InputTokens: null } ? "." : $"; cost {CostOf(details)}.";
        if (batch.FailureReason is not null)
            text += $" {batch.FailureReason}";

        return batch.SucceededCount < batch.EntryCount ? $"{text} '{database.Suggest($"retry {batch.Id}")}', then the same command, asks again." : text;
    }

    // What nobody can see may be on the bill too.
    private static string CostOf(BatchDetails details) =>
        (details.Batch.Cost is not null && Doubts.Count(details) > 0 ? "at least " : "") + Dollars.Text(details.Batch.Cost);
}
