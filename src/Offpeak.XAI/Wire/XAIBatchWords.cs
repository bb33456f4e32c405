using Offpeak.Providers;

namespace Offpeak.XAI.Wire;

/// <summary>
/// xAI has no word for a batch's state: counts and two fields say it (xAI API reference, Batches). The words are ours, taken from OpenAI's.
/// </summary>
internal static class XAIBatchWords
{
    /// <param name="batch">What xAI says.</param>
    /// <param name="entries">Entries sent: a batch that holds fewer is still being filled or read.</param>
    /// <param name="now">Past the day on which xAI drops the results, nothing can come any more.</param>
    public static (ProviderBatchState State, string Word) Read(XAIBatchObject batch, int entries, DateTimeOffset now)
    {
        var counts = batch.Counts;
        if (batch.CancelMessage is not null)
            return (ProviderBatchState.Failed, "failed");
        if (batch.IsCancelled)
            return counts.Pending <= 0 ? (ProviderBatchState.Canceled, "cancelled") : (ProviderBatchState.Running, "cancelling");
        if (counts.Total > 0 && counts.Pending <= 0 && counts.Total >= entries)
            return (ProviderBatchState.Ended, "completed");
        // The day may come without a time, and then it lasts to its end.
        if (batch.ExpiresAt is { } expires && now >= expires.AddDays(1))
            return (ProviderBatchState.Expired, "expired");
        return counts.Total == 0 ? (ProviderBatchState.Running, "validating") : (ProviderBatchState.Running, "in_progress");
    }
}
