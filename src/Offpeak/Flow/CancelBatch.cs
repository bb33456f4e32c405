using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Notes the wish to cancel, then acts on it: what was not sent is cancelled at once, the provider is asked to stop the rest, and polling
/// brings in what was finished before.
/// </summary>
internal sealed class CancelBatch(FlowContext flow, EntrySettlement settlement, SubmitProviderBatch submit, AdvanceBatch advance)
{
    public const string Component = "cancel_batch";

    public async Task RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.Batches.GetAsync(batchId, ct);
        if (batch.Status.IsTerminal())
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState,
                $"Batch {batchId} can no longer be cancelled; it is {SnakeCaseEnum<BatchStatus>.Name(batch.Status)}.");
        }

        await flow.Batches.RequestCancelAsync(batchId, flow.Now, ct);
        if (batch.Status == BatchStatus.Building)
            await CancelBuildingAsync(batch, ct);
        else
            await CancelRunningAsync(batchId, ct);
    }

    private async Task CancelBuildingAsync(Batch batch, CancellationToken ct)
    {
        var requested = await flow.Batches.GetAsync(batch.Id, ct);
        await settlement.StopRoundsAsync(requested, await flow.Entries.TotalAsync(batch.Id, ct), ct);
        var totals = await flow.Entries.TotalAsync(batch.Id, ct);
        var now = flow.Now;
        await flow.Batches.TryMoveAsync(
            requested,
            BatchEvent.Cancel,
            set =>
            {
                totals.Apply(set);
                set.SetProperty(b => b.FinishedAt, now);
            },
            ct);
    }

    private async Task CancelRunningAsync(long batchId, CancellationToken ct)
    {
        foreach (var shard in await flow.Shards.ListAsync(batchId, ct))
        {
            if (shard.Status == ProviderBatchStatus.Pending)
                await submit.RunAsync(shard.Id, ct);
            else if (shard.Status is ProviderBatchStatus.Submitted or ProviderBatchStatus.InProgress)
                await AskProviderAsync(shard, ct);
        }

        await advance.RunAsync(batchId, ct);
    }

    // Best effort and now, because every minute costs money; the next poll repeats it if it fails.
    private async Task AskProviderAsync(ProviderBatch shard, CancellationToken ct)
    {
        try
        {
            await flow.Providers.Get(shard.Provider).CancelAsync(flow.Ref(shard), ct);
            var now = flow.Now;
            await flow.Shards.TryUpdateAsync(shard, set => set.SetProperty(p => p.CancelSentAt, now), ct);
        }
        catch (ProviderException error)
        {
            if (!error.Class.IsPassing)
                flow.Errors.Report(error, Component, shard.BatchId);
        }
    }
}
