using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>Closes a batch for new entries and plans its first round. After it returns, the submit is never forgotten.</summary>
internal sealed class SubmitBatch(FlowContext flow, ShardPlanner planner, CheckBudget budget)
{
    private const int MostAttempts = 3;

    public SubmitBatch In(FlowContext other) => new(other, new ShardPlanner(other), budget.In(other));

    public async Task<IReadOnlyList<WorkItem>> RunAsync(long batchId, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            var batch = await flow.GetBatchAsync(batchId, ct);
            Check(batch);
            await budget.RunAsync(batch, ct);
            // The version fences everything that was checked: entries added meanwhile are in no check, so it starts afresh.
            if (await planner.PlanAsync(batch, round: 1, batch.Canary, ct) is { } planned && await TrySubmitAsync(planned, ct))
                return await ListWorkAsync(batchId, ct);
        }

        throw new OffpeakException(
            OffpeakErrorCode.InvalidState, $"Batch {batchId} was submitted or changed by another caller at the same time; look at it, then submit again if it is still building.");
    }

    private static void Check(BatchRow batch)
    {
        if (batch.Status != BatchStatus.Building)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batch.Id} was already submitted; it is {batch.Status.ToName()}.");

        if (batch.CancelRequestedAt is not null)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batch.Id} is being cancelled.");

        if (batch.EntryCount == 0)
            throw new OffpeakException(OffpeakErrorCode.EmptyBatch, $"Batch {batch.Id} has no entries; add at least one before submitting it.");
    }

    private async Task<bool> TrySubmitAsync(BatchRow batch, CancellationToken ct)
    {
        var change = new BatchChange
        {
            Status = BatchTransitions.Target(batch.Status, BatchEvent.Submit),
            Round = 1,
            SubmittedAt = When.Now,
        };
        if (await flow.TryAsync(batch, change, ct) is null)
            return false;

        flow.Probe.Reached(FlowPoint.BatchSubmitted);
        return true;
    }

    private async Task<IReadOnlyList<WorkItem>> ListWorkAsync(long batchId, CancellationToken ct) =>
        [.. (await flow.Store.ListShardsAsync(batchId, ct)).Select(shard => new WorkItem(WorkKind.Submit, shard.Id))];
}
