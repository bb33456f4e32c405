using Offpeak.Batches;
using Offpeak.Flow.Submit;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Notes the wish to cancel, then acts on it: what was not sent is cancelled at once, the provider is asked to stop the rest, and polling
/// brings in what was finished before.
/// </summary>
internal sealed class CancelBatch(FlowContext flow, SubmitShard submit, ReconcileShard reconcile)
{
    public const string Component = "cancel_batch";

    public async Task<IReadOnlyList<WorkItem>> RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(batchId, ct);
        if (batch.Status.IsTerminal() || await flow.Store.RequestCancelAsync(batchId, ct) is not { CancelRequestedAt: not null } noted)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState, $"Batch {batchId} can no longer be cancelled; it is {(await flow.GetBatchAsync(batchId, ct)).Status.ToName()}.");
        }

        if (noted.Status == BatchStatus.Running)
        {
            foreach (var shard in await flow.Store.ListShardsAsync(batchId, ct))
                await CancelAsync(noted, shard, ct);
        }

        return [new WorkItem(WorkKind.Advance, batchId)];
    }

    // Best effort and now, because every minute costs money; polls and sweeps repeat what fails.
    private async Task CancelAsync(BatchRow batch, ShardRow shard, CancellationToken ct)
    {
        try
        {
            if (shard.Status == ShardStatus.Pending && shard.Round <= batch.Round)
                await submit.RunAsync(shard.Id, hurries: true, ct);
            else if (shard.Status == ShardStatus.Unconfirmed)
                await reconcile.RunAsync(Component, shard, ct);
            else if (shard.Status.IsAccepted())
                await AskProviderAsync(shard, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            if (error is not ProviderException { Class.IsPassing: true })
                flow.Errors.Report(error, Component, shard.BatchId);
        }
    }

    private async Task AskProviderAsync(ShardRow shard, CancellationToken ct)
    {
        await flow.Providers.Get(shard.Provider).CancelAsync(flow.Ref(shard), ct);
        await flow.Store.NoteCancelSentAsync(shard, ct);
    }
}
