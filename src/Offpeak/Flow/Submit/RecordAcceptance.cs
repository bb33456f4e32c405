using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>Records that a provider holds a shard: its id, the time and the next poll in one statement; then starts the poll chain.</summary>
internal sealed partial class RecordAcceptance(FlowContext flow, ILogger<RecordAcceptance> logger)
{
    /// <param name="component">Who records it, for reports.</param>
    /// <param name="shard">The shard as it was read.</param>
    /// <param name="cause">How it came to be accepted.</param>
    /// <param name="receipt">What the provider said.</param>
    /// <param name="doubles">Further provider batches under the same key.</param>
    /// <param name="isSeen">Whether the provider itself has shown it to the key in use.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Whether it was recorded; false if the row has moved on.</returns>
    public async Task<bool> RunAsync(
        string component, ShardRow shard, ShardEvent cause, ProviderReceipt receipt, IReadOnlyList<string> doubles, bool isSeen, CancellationToken ct)
    {
        var generation = shard.PollGeneration + 1;
        var delay = cause == ShardEvent.Adopt ? TimeSpan.Zero : flow.Delay(0, receipt.RetryAfter);
        var change = new ShardChange
        {
            Status = BatchTransitions.Target(shard.Status, cause),
            ProviderBatchId = receipt.ProviderBatchId,
            ProviderStatus = receipt.Status,
            // A lost create that is found is lost no longer. A doubt stays: the row cannot tell which of them it was about.
            LostCreates = cause == ShardEvent.Adopt ? Math.Max(0, shard.LostCreates - 1 - doubles.Count) : shard.LostCreates,
            Doubles = doubles.Count > 0 ? new(doubles) : default(Set<IReadOnlyList<string>>),
            AcceptedAt = When.Now,
            NextPollAt = When.In(delay),
            PollAttempt = 0,
            PollGeneration = generation,
            FaultCount = 0,
            NextSubmitAt = When.Never,
            Trouble = (Trouble?)null,
            Lease = LeaseChange.Release,
        };
        var submitted = EntryChange.By(EntryStatus.Pending, EntryEvent.Submit) with { CountsAttempt = true };
        // A person's word does not say that the key in use sees it.
        var keyed = isSeen ? flow.WithKeyInUse(shard, change) : change;
        if (await flow.TryAsync(shard, keyed, submitted, ct) is null)
            return false;

        OffpeakTelemetry.Submits.Add(1);
        LogAccepted(logger, shard.BatchId, shard.Id, receipt.ProviderBatchId);
        flow.Probe.Reached(FlowPoint.SubmitRecorded);
        await flow.EnqueueAsync(new WorkItem(WorkKind.Poll, shard.Id, generation), delay, component, shard.BatchId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {BatchId}: shard {ShardId} accepted as {ProviderBatchId}.")]
    private static partial void LogAccepted(ILogger logger, long batchId, long shardId, string providerBatchId);
}
