using Offpeak.Flow;
using Offpeak.Storage;

namespace Offpeak.Sweeps;

/// <summary>Submits provider batches that wait: new ones, the next round's, and those that waited for room at the provider.</summary>
public sealed class SubmitPendingBatches : ISweep
{
    private readonly FlowContext flow;
    private readonly DueShards due;
    private readonly SubmitProviderBatch submit;
    private readonly SweepPages pages;

    internal SubmitPendingBatches(FlowContext flow, DueShards due, SubmitProviderBatch submit, SweepPages pages)
    {
        this.flow = flow;
        this.due = due;
        this.submit = submit;
        this.pages = pages;
    }

    /// <inheritdoc/>
    public string Name => "submit_pending_batches";

    /// <inheritdoc/>
    public TimeSpan Interval => flow.Options.SubmitInterval;

    /// <inheritdoc/>
    public async Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        var result = default(SweepResult);
        var now = flow.Now;
        await foreach (var page in SweepPages.ReadAsync(
            (after, limit) => due.SubmitsDueAsync(now, after, limit, cancellationToken), p => p.Id, cancellationToken))
        {
            var results = new SweepResult[page.Count];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = flow.Options.MaxConcurrency, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, page.Count, parallel, async (i, ct) => results[i] = await SubmitAsync(page[i], ct));
            result = results.Aggregate(result, SweepResult.Add);
        }

        return pages.Done(Name, result);
    }

    private Task<SweepResult> SubmitAsync(Batches.ProviderBatch shard, CancellationToken ct) => pages.GuardAsync(
        Name,
        shard.BatchId,
        async () =>
        {
            await submit.RunAsync(shard.Id, ct);
            return true;
        },
        ct);
}
