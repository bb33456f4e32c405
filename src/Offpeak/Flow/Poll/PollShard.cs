using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow.Submit;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Poll;

/// <summary>
/// One poll of a shard: read its status, and once it is terminal read its results. Idempotent at the top, so that a poll and a sweep that race
/// cost one more status read and nothing else.
/// </summary>
internal sealed partial class PollShard(
    FlowContext flow, RecordSnapshot record, IngestResults ingest, ReschedulePoll reschedule, MakeRoom makeRoom, ILogger<PollShard> logger)
{
    public const string Component = "poll_shard";

    /// <returns>What is to be done next.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(WorkItem item, CancellationToken ct)
    {
        if (await flow.Store.FindShardAsync(item.Id, ct) is not { } shard)
            return [];

        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        if (shard.PollGeneration != item.Generation)
        {
            flow.Probe.Reached(FlowPoint.ChainEnded);
            return [];
        }

        if (shard.ResultsFetchedAt is not null)
            return [new WorkItem(WorkKind.Advance, shard.BatchId)];

        using var slot = await flow.Slots.EnterAsync(SlotKind.Poll, shard.Provider, ct);
        if (shard.ProviderBatchId is null || await flow.Leases.TryTakeAsync(shard, ct) is not (var held, var lease))
            return [];

        flow.Probe.Reached(FlowPoint.PollClaimed);
        return await PollAsync(held, lease, slot, ct);
    }

    private async Task<IReadOnlyList<WorkItem>> PollAsync(ShardRow shard, Lease lease, IDisposable slot, CancellationToken ct)
    {
        IReadOnlyList<WorkItem> next = [];
        await reschedule.WhileHeldAsync(Component, shard.Id, lease, async token => next = await PollHeldAsync(shard, lease, slot, token), ct);
        return next;
    }

    private async Task<IReadOnlyList<WorkItem>> PollHeldAsync(ShardRow shard, Lease lease, IDisposable slot, CancellationToken ct)
    {
        var provider = flow.Providers.Find(shard.Provider) ?? throw FlowContext.Unregistered(shard);
        if (!shard.Status.IsTerminal())
        {
            var batch = await flow.GetBatchAsync(shard.BatchId, ct);
            shard = await ReadStatusAsync(batch, shard, provider, lease, ct);
            // Reading results takes a slot of its own, so that long readings do not hold up status reads.
            slot.Dispose();
            if (!shard.Status.IsTerminal())
                return shard.Status == ShardStatus.Pending ? await makeRoom.TrySplitAsync(Component, shard, ct) ?? [] : [];
        }

        slot.Dispose();
        await ingest.RunAsync(Component, shard, lease, ct);
        return [new WorkItem(WorkKind.Advance, shard.BatchId)];
    }

    private async Task<ShardRow> ReadStatusAsync(BatchRow batch, ShardRow shard, IBatchProvider provider, Lease lease, CancellationToken ct)
    {
        if (shard.CancelSentAt is null && (batch.CancelRequestedAt is not null || await flow.HasComeAsync(batch.FallbackAt, ct)))
            shard = await SendCancelAsync(shard, provider, ct);

        OffpeakTelemetry.Polls.Add(1);
        var snapshot = await provider.GetStatusAsync(flow.Ref(shard), ct);
        flow.Probe.Reached(FlowPoint.StatusRead);
        if (snapshot.StatusIsUnknown && shard.ProviderStatus != snapshot.Status)
            LogUnknownStatus(logger, shard.BatchId, shard.Provider, snapshot.Status);

        // A batch that is stopped for want of room may have answered part of it: what was answered is not sent again.
        var runs = snapshot.State == ProviderBatchState.Running;
        if ((runs && snapshot.HasPartialResults) || snapshot.IsOutOfRoom)
            await ingest.ReadAvailableAsync(batch, shard with { Journal = snapshot.Journal ?? shard.Journal }, runs, lease, ct);

        return await record.RunAsync(Component, batch, shard, snapshot, lease, ct);
    }

    // A cancel that fails must not keep the status from being read; the next poll repeats it.
    private async Task<ShardRow> SendCancelAsync(ShardRow shard, IBatchProvider provider, CancellationToken ct)
    {
        try
        {
            await provider.CancelAsync(flow.Ref(shard), ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            if (!Trouble.Of(error, "cancelling").Class.IsPassing)
                flow.Errors.Report(error, Component, shard.BatchId);

            return shard;
        }

        return await flow.MustAsync(shard, new ShardChange { CancelSentAt = When.Now }, ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: {Provider} uses the unknown status '{Status}'; taken as still running.")]
    private static partial void LogUnknownStatus(ILogger logger, long batchId, string provider, ProviderStatus status);
}
