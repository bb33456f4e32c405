using Offpeak.Flow;
using Offpeak.Storage;

namespace Offpeak.Sweeps;

/// <summary>Settles submits that were interrupted or whose reply was lost, by looking for them at the provider. Never creates anything.</summary>
public sealed class ReconcileSubmissions : ISweep
{
    private readonly FlowContext flow;
    private readonly DueShards due;
    private readonly ReconcileSubmission reconcile;
    private readonly SubmitSignal submitSignal;
    private readonly SweepPages pages;

    internal ReconcileSubmissions(FlowContext flow, DueShards due, ReconcileSubmission reconcile, SubmitSignal submitSignal, SweepPages pages)
    {
        this.flow = flow;
        this.due = due;
        this.reconcile = reconcile;
        this.submitSignal = submitSignal;
        this.pages = pages;
    }

    /// <inheritdoc/>
    public string Name => ReconcileSubmission.Component;

    /// <inheritdoc/>
    public TimeSpan Interval => flow.Options.ReconcileInterval;

    /// <inheritdoc/>
    public async Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        var result = default(SweepResult);
        await foreach (var page in SweepPages.ReadAsync(
            (after, limit) => due.UnsettledSubmitsAsync(after, limit, cancellationToken), p => p.Id, cancellationToken))
        {
            foreach (var shard in page)
            {
                result += await pages.GuardAsync(
                    Name,
                    shard.BatchId,
                    async () => await reconcile.RunAsync(shard, cancellationToken) is ReconcileOutcome.Adopted or ReconcileOutcome.Released,
                    cancellationToken);
            }
        }

        if (result.Acted > 0)
            submitSignal.Set();
        return pages.Done(Name, result);
    }
}
