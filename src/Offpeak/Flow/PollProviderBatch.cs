using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Queues;

namespace Offpeak.Flow;

/// <summary>
/// One poll of a provider batch: read its status, and once it is terminal read its results and advance the batch. Idempotent at the top, so
/// that a poll and a sweep that race cost one more status read and nothing else.
/// </summary>
internal sealed partial class PollProviderBatch(
    FlowContext flow,
    RecordSnapshot record,
    IngestResults ingest,
    AdvanceBatch advance,
    ReschedulePoll reschedule,
    ILogger<PollProviderBatch> logger)
{
    public const string Component = "poll_provider_batch";

    public async Task RunAsync(PollRequest request, CancellationToken ct)
    {
        if (await flow.Shards.FindAsync(request.ProviderBatchId, ct) is not { } shard)
            return;
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        if (shard.PollGeneration != request.Generation)
            flow.Probe.Reached(FlowPoint.ChainEnded);
        else if (shard.ResultsFetchedAt is not null)
            await advance.RunAsync(shard.BatchId, ct);
        else if (shard.ProviderBatchId is not null && await flow.Shards.TryLeaseAsync(shard, flow.Options.LeaseDuration, ct))
            await PollAsync(shard, ct);
    }

    private async Task PollAsync(ProviderBatch shard, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.PollClaimed);
        try
        {
            if (await ReadStatusAsync(shard, ct))
            {
                await ingest.RunAsync(shard.Id, ct);
                await advance.RunAsync(shard.BatchId, ct);
            }
        }
        catch (ProviderException error)
        {
            await reschedule.AfterErrorAsync(shard.Id, error, ct);
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            flow.Errors.Report(error, Component, shard.BatchId);
            await reschedule.AfterFaultAsync(shard.Id, error, ct);
        }
        catch (OperationCanceledException)
        {
            await reschedule.ReleaseAsync(shard.Id);
            throw;
        }
    }

    /// <returns>Whether the provider batch is terminal and its results are to be read.</returns>
    private async Task<bool> ReadStatusAsync(ProviderBatch shard, CancellationToken ct)
    {
        if (shard.Status.IsTerminal())
            return true;
        var provider = flow.Providers.Get(shard.Provider);
        var batch = await flow.BatchOfAsync(shard, ct);
        if ((batch.CancelRequestedAt is not null || batch.FallbackAt <= flow.Now) && shard.CancelSentAt is null)
            await SendCancelAsync(shard, provider, ct);
        OffpeakTelemetry.Polls.Add(1);
        var snapshot = await provider.GetStatusAsync(flow.Ref(shard), ct);
        flow.Probe.Reached(FlowPoint.StatusRead);
        if (snapshot.StatusIsUnknown && shard.ProviderStatus != snapshot.Status.Value)
            LogUnknownStatus(logger, shard.BatchId, shard.Provider, snapshot.Status);
        if (snapshot is { State: ProviderBatchState.Running, HasPartialResults: true })
            await ingest.ReadAvailableAsync(batch, shard, ct);
        return await record.RunAsync(shard, snapshot, ct, batch.FallbackAt);
    }

    // A cancel that fails must not keep the status from being read; the next poll repeats it.
    private async Task SendCancelAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        try
        {
            await provider.CancelAsync(flow.Ref(shard), ct);
        }
        catch (ProviderException error)
        {
            if (!error.Class.IsPassing)
                flow.Errors.Report(error, CancelBatch.Component, shard.BatchId);
            return;
        }

        var now = flow.Now;
        if (!await flow.Shards.TryUpdateAsync(shard, set => set.SetProperty(p => p.CancelSentAt, now), ct))
            throw new LeaseLostException($"provider batch {shard.Id}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: {Provider} uses the unknown status '{Status}'; taken as still running.")]
    private static partial void LogUnknownStatus(ILogger logger, long batchId, string provider, ProviderStatus status);
}
