using Microsoft.EntityFrameworkCore.Query;
using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Continues a poll chain: the next time is durable before the enqueue, and a new generation makes every older request of the chain end
/// itself.
/// </summary>
internal sealed partial class ReschedulePoll(FlowContext flow, IPollQueue queue, Random random, ILogger<ReschedulePoll> logger)
{
    /// <summary>The provider still works on it.</summary>
    public async Task AfterProgressAsync(ProviderBatch shard, ProviderSnapshot snapshot, DateTimeOffset? pollBy, CancellationToken ct)
    {
        var delay = snapshot.PollDelay ?? flow.Options.PollSchedule.Delay(shard.PollAttempt, random, snapshot.RetryAfter);
        if (pollBy - flow.Now is { } left && left < delay && left > TimeSpan.Zero)
            delay = left;
        void Change(UpdateSettersBuilder<ProviderBatch> set)
        {
            RecordSnapshot.Describe(set, snapshot);
            Schedule(set, shard, delay);
        }

        var moved = shard.Status == ProviderBatchStatus.Submitted
            ? await flow.Shards.TryMoveAsync(shard, ProviderBatchEvent.SeeProgress, Change, ct)
            : await flow.Shards.TryUpdateAsync(shard, Change, ct);
        if (moved)
            await EnqueueAsync(shard, delay, ct);
    }

    /// <summary>The provider could not be asked, or not read. Passing trouble is quiet; the rest is reported and tried again later.</summary>
    public async Task AfterErrorAsync(long shardId, ProviderException error, CancellationToken ct)
    {
        if (await flow.Shards.FindAsync(shardId, ct) is not { } shard || !flow.Shards.Holds(shard))
            return;
        var delay = flow.Options.PollSchedule.Delay(shard.PollAttempt, random, error.RetryAfter);
        // Other trouble does not show that the provider knows the batch again; only a status read does.
        var notFound = error.Class == ProviderErrorClass.NotFound;
        var notFoundSince = notFound ? shard.NotFoundSince ?? flow.Now : shard.NotFoundSince;
        var paused = error.Class == ProviderErrorClass.Unauthorized ? error.Message : null;
        var lost = notFound && flow.Now - notFoundSince > flow.Options.NotFoundWindow;
        var moved = await flow.Shards.TryUpdateAsync(
            shard,
            set =>
            {
                Schedule(set, shard, delay);
                set.SetProperty(p => p.NotFoundSince, notFoundSince);
                set.SetProperty(p => p.PausedReason, paused);
                set.SetProperty(p => p.LastError, error.Message);
                set.SetProperty(p => p.LastErrorClass, error.Class.Value);
            },
            ct);
        if (!moved)
            return;
        if (lost || (paused is not null && paused != shard.PausedReason) || IsUnexplained(error))
            flow.Errors.Report(error, PollProviderBatch.Component, shard.BatchId);
        else
            LogQuietly(logger, shard.BatchId, error.Class, error.StatusCode, delay);
        await EnqueueAsync(shard, delay, ct);
    }

    /// <summary>Something of our own failed.</summary>
    public async Task AfterFaultAsync(long shardId, Exception error, CancellationToken ct)
    {
        if (await flow.Shards.FindAsync(shardId, ct) is not { ResultsFetchedAt: null } shard || !flow.Shards.Holds(shard))
            return;
        var delay = flow.Options.PollSchedule.Delay(shard.PollAttempt, random, retryAfter: null);
        var moved = await flow.Shards.TryUpdateAsync(
            shard,
            set =>
            {
                Schedule(set, shard, delay);
                set.SetProperty(p => p.LastError, $"{error.GetType().Name} while polling.");
            },
            ct);
        if (moved)
            await EnqueueAsync(shard, delay, ct);
    }

    /// <summary>Gives the lease back when the process stops in the middle of a poll; the row's next poll is already due.</summary>
    public async Task ReleaseAsync(long shardId)
    {
        if (await flow.Shards.FindAsync(shardId, CancellationToken.None) is { } shard && flow.Shards.Holds(shard))
            await flow.Shards.TryUpdateAsync(shard, ShardStore.ReleaseLease, CancellationToken.None);
    }

    private static bool IsUnexplained(ProviderException error) =>
        !error.Class.IsPassing && error.Class != ProviderErrorClass.NotFound && error.Class != ProviderErrorClass.Unauthorized;

    private void Schedule(UpdateSettersBuilder<ProviderBatch> set, ProviderBatch shard, TimeSpan delay)
    {
        var next = flow.Now + delay;
        set.SetProperty(p => p.NextPollAt, next);
        set.SetProperty(p => p.PollAttempt, shard.PollAttempt + 1);
        set.SetProperty(p => p.PollGeneration, shard.PollGeneration + 1);
        ShardStore.ReleaseLease(set);
    }

    private async Task EnqueueAsync(ProviderBatch shard, TimeSpan delay, CancellationToken ct)
    {
        try
        {
            await queue.EnqueueAsync(new PollRequest(shard.Id, shard.PollGeneration + 1), delay, ct);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            flow.Errors.Report(error, PollProviderBatch.Component, shard.BatchId);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {BatchId}: provider trouble ({Class}, HTTP {Status}); next poll in {Delay}.")]
    private static partial void LogQuietly(ILogger logger, long batchId, ProviderErrorClass @class, int? status, TimeSpan delay);
}
