using Offpeak.Flow;
using Offpeak.Flow.Submit;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>Settles submits that were interrupted or whose reply was lost, by looking for them at the provider. Never creates anything.</summary>
internal sealed class ReconcileSubmissions(FlowContext flow, ReconcileShard reconcile, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.ReconcileSubmissions;

    public TimeSpan Interval => flow.Options.ReconcileInterval;

    public bool IsShared => false;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct) => pages.Done(Name, await pages.ForEachShardAsync(
        Name, after => flow.Store.FindUnsettledAsync(after, SweepPages.Size, ct), shard => SettleAsync(queue, shard, ct), ct));

    private async Task<bool> SettleAsync(IWorkQueue queue, ShardRow shard, CancellationToken ct)
    {
        var (outcome, next) = await reconcile.RunAsync(Name.Value, shard, ct);
        await SweepPages.PassAsync(queue, next, ct);
        return outcome is ReconcileOutcome.Adopted or ReconcileOutcome.Released;
    }
}
