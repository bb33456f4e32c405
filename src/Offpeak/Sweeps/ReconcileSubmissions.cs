using Offpeak.Flow;
using Offpeak.Flow.Submit;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>Settles submits that were interrupted or whose reply was lost, by looking for them at the provider. Never creates anything.</summary>
internal sealed class ReconcileSubmissions(FlowContext flow, ReconcileShard reconcile, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.ReconcileSubmissions;

    public TimeSpan Interval => flow.Options.ReconcileInterval;

    public bool IsShared => false;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct) => pages.Done(
        Name,
        await pages.ForEachPageAsync(
            Name,
            after => flow.Store.FindUnsettledAsync(after, SweepPages.Size, ct),
            rows => pages.ForEachShardAsync(
                Name,
                rows,
                async shard =>
                {
                    var (outcome, next) = await reconcile.RunAsync(Name.Value, shard, ct);
                    await SweepPages.PassAsync(queue, next, ct);
                    return outcome is ReconcileOutcome.Adopted or ReconcileOutcome.Released;
                },
                ct),
            ct));
}
