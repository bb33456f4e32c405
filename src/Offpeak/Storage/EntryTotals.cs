using Microsoft.EntityFrameworkCore.Query;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Sums over the entries of a batch.</summary>
internal sealed record EntryTotals(EntryCounts Counts, long? InputTokens, long? OutputTokens, decimal? Cost)
{
    public void Apply(UpdateSettersBuilder<Batch> set)
    {
        set.SetProperty(b => b.SucceededCount, Counts.Succeeded);
        set.SetProperty(b => b.FailedCount, Counts.Failed);
        set.SetProperty(b => b.CanceledCount, Counts.Canceled);
        set.SetProperty(b => b.ExpiredCount, Counts.Expired);
        if (InputTokens is not null)
            set.SetProperty(b => b.InputTokens, InputTokens);
        if (OutputTokens is not null)
            set.SetProperty(b => b.OutputTokens, OutputTokens);
        if (Cost is not null)
            set.SetProperty(b => b.Cost, Cost);
    }
}
