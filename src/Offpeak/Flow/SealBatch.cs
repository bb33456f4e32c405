using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Closes a batch for new entries and plans its first round. After it returns, the submit is never forgotten.</summary>
internal sealed class SealBatch(FlowContext flow, ShardPlanner planner, CheckBudget budget)
{
    public async Task RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.Batches.GetAsync(batchId, ct);
        if (batch.Status != BatchStatus.Building)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} was already submitted; it is {SnakeCaseEnum<BatchStatus>.Name(batch.Status)}.");
        if (batch.EntryCount == 0)
            throw new OffpeakException(OffpeakErrorCode.EmptyBatch, $"Batch {batchId} has no entries; add at least one before submitting it.");

        await budget.RunAsync(batch, ct);
        var limits = flow.Providers.Get(batch.Provider).Capabilities;
        await planner.PlanAsync(batch, round: 1, limits, () => flow.Probe.Reached(FlowPoint.ShardPlanned), ct, batch.Canary);

        // Read again: entries may have been added, or another caller may have sealed it, while the shards were written.
        var current = await flow.Batches.GetAsync(batchId, ct);
        if (current.Status != BatchStatus.Building || !await TrySealAsync(current, ct))
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} was submitted or changed by another caller at the same time.");
        flow.Probe.Reached(FlowPoint.BatchSealed);
    }

    private Task<bool> TrySealAsync(Batch batch, CancellationToken ct)
    {
        var now = flow.Now;
        return flow.Batches.TryMoveAsync(
            batch,
            BatchEvent.Seal,
            set =>
            {
                set.SetProperty(b => b.Round, 1);
                set.SetProperty(b => b.SealedAt, now);
            },
            ct);
    }
}
