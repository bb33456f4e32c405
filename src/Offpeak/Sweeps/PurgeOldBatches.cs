using Offpeak.Flow;

namespace Offpeak.Sweeps;

/// <summary>Deletes batches, with their prompts and answers, some time after they finished. Off unless <see cref="OffpeakOptions.PurgeAfter"/> is set.</summary>
public sealed class PurgeOldBatches : ISweep
{
    private readonly FlowContext flow;
    private readonly SweepPages pages;

    internal PurgeOldBatches(FlowContext flow, SweepPages pages)
    {
        this.flow = flow;
        this.pages = pages;
    }

    /// <inheritdoc/>
    public string Name => "purge_old_batches";

    /// <inheritdoc/>
    public TimeSpan Interval => flow.Options.PurgeInterval;

    /// <inheritdoc/>
    public async Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        if (flow.Options.PurgeAfter is not { } age)
            return default;
        var result = default(SweepResult);
        var cutoff = flow.Now - age;
        await foreach (var page in SweepPages.ReadAsync(
            (after, limit) => flow.Batches.FindFinishedBeforeAsync(cutoff, after, limit, cancellationToken), id => id, cancellationToken))
        {
            foreach (var batchId in page)
                result += await pages.GuardAsync(Name, batchId, () => DeleteAsync(batchId, cancellationToken), cancellationToken);
        }

        return pages.Done(Name, result);
    }

    private async Task<bool> DeleteAsync(long batchId, CancellationToken ct)
    {
        await flow.Batches.DeleteAsync(batchId, ct);
        return true;
    }
}
