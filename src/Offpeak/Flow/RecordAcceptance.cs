using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Records that a provider holds a batch: its id, the time and the next poll in one statement; then starts the poll chain.</summary>
internal sealed partial class RecordAcceptance(FlowContext flow, IPollQueue queue, Random random, ILogger<RecordAcceptance> logger)
{
    public async Task<bool> RunAsync(
        ProviderBatch shard, ProviderBatchEvent cause, ProviderReceipt receipt, IReadOnlyList<string> duplicates, CancellationToken ct)
    {
        var now = flow.Now;
        var generation = shard.PollGeneration + 1;
        var delay = cause == ProviderBatchEvent.Adopt ? TimeSpan.Zero : flow.Options.PollSchedule.Delay(0, random, receipt.RetryAfter);
        var recorded = await flow.Shards.TryMoveAsync(
            shard,
            cause,
            set =>
            {
                set.SetProperty(p => p.ProviderBatchId, receipt.ProviderBatchId);
                set.SetProperty(p => p.ProviderStatus, receipt.Status.Value);
                set.SetProperty(p => p.SubmittedAt, now);
                set.SetProperty(p => p.NextPollAt, now + delay);
                set.SetProperty(p => p.PollAttempt, 0);
                set.SetProperty(p => p.PollGeneration, generation);
                if (duplicates.Count > 0)
                    set.SetProperty(p => p.DuplicateIds, ProviderStateJson.WriteIds([.. ProviderStateJson.ReadIds(shard.DuplicateIds), .. duplicates]));
                set.SetProperty(p => p.NextSubmitAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.PausedReason, (string?)null);
                set.SetProperty(p => p.LastError, (string?)null);
                set.SetProperty(p => p.LastErrorClass, (string?)null);
                ShardStore.ReleaseLease(set);
            },
            ct,
            db => db.MarkSubmittedAsync(shard.Id, ct));
        if (!recorded)
            return false;

        OffpeakTelemetry.Submits.Add(1);
        LogAccepted(logger, shard.BatchId, shard.Id, receipt.ProviderBatchId);
        flow.Probe.Reached(FlowPoint.SubmitRecorded);
        await StartChainAsync(shard, new PollRequest(shard.Id, generation), delay, ct);
        return true;
    }

    private async Task StartChainAsync(ProviderBatch shard, PollRequest request, TimeSpan delay, CancellationToken ct)
    {
        try
        {
            await queue.EnqueueAsync(request, delay, ct);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The row has its next poll; the resume sweep brings the chain back.
            flow.Errors.Report(error, SubmitProviderBatch.Component, shard.BatchId);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {BatchId}: provider batch {Row} accepted as {ProviderBatchId}.")]
    private static partial void LogAccepted(ILogger logger, long batchId, long row, string providerBatchId);
}
