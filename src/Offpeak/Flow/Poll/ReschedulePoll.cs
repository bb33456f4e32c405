using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Continues a poll chain: the next time is durable before the enqueue, and a new generation makes every older request of the chain end
/// itself.
/// </summary>
internal sealed partial class ReschedulePoll(FlowContext flow, ILogger<ReschedulePoll> logger)
{
    /// <summary>Works on a shard while its lease is held, and continues its chain if that fails.</summary>
    /// <returns>Whether the work came to its end.</returns>
    public async Task<bool> WhileHeldAsync(string component, long shardId, Lease lease, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            return await lease.TryRunAsync(work, stopsOnCancel: false, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The row's next poll is already due.
            await lease.ReleaseShardAsync();
            throw;
        }
        catch (Exception error)
        {
            await AfterErrorAsync(component, shardId, lease, error, ct);
            return false;
        }
    }

    /// <summary>The provider still works on it.</summary>
    public async Task<ShardRow> AfterProgressAsync(
        string component, ShardRow shard, ProviderSnapshot snapshot, DateTimeOffset? pollBy, Lease lease, CancellationToken ct)
    {
        var delay = snapshot.PollDelay ?? flow.Delay(shard.PollAttempt, snapshot.RetryAfter);
        if (delay > PollSchedule.LongestRetryAfter)
            delay = PollSchedule.LongestRetryAfter;

        if (pollBy is { } deadline && deadline - await flow.NowAsync(ct) is var left && left < delay && left > TimeSpan.Zero)
            delay = left;

        var change = Next(Describe(shard, snapshot), shard, delay) with
        {
            Status = shard.Status == ShardStatus.Submitted ? BatchTransitions.Target(shard.Status, ShardEvent.SeeProgress) : null,
            HeldBy = lease.Token,
        };
        var moved = await flow.MustAsync(shard, change, ct);
        await EnqueueAsync(component, moved, delay);
        return moved;
    }

    /// <summary>What a snapshot says about its shard, whatever becomes of it.</summary>
    public ShardChange Describe(ShardRow shard, ProviderSnapshot snapshot)
    {
        var seen = new ShardChange
        {
            ProviderStatus = snapshot.Status,
            NotFoundSince = When.Never,
            Trouble = (Trouble?)null,
            FaultCount = 0,
            Counts = snapshot.Counts is { } counts ? counts : default(Set<ProviderCounts?>),
            Journal = snapshot.Journal is { } journal ? journal : default(Set<Journal>),
        };
        // A key that sees it is one of its account's.
        return flow.WithKeyInUse(shard, seen);
    }

    // The provider could not be asked or read, or something of our own failed. Passing trouble is quiet; the rest is reported once.
    private async Task AfterErrorAsync(string component, long shardId, Lease lease, Exception error, CancellationToken ct)
    {
        if (await flow.Store.FindShardAsync(shardId, ct) is not { ResultsFetchedAt: null } shard || shard.LeaseOwner != lease.Token)
            return;

        var fault = error as ProviderException;
        var trouble = TroubleOf(shard, error);
        var delay = flow.Delay(shard.PollAttempt, fault?.RetryAfter);
        var change = Next(new ShardChange(), shard, delay) with
        {
            // Other trouble does not show that the provider knows the batch again; only a status read does.
            NotFoundSince = trouble.Class == ProviderErrorClass.NotFound && shard.NotFoundSince is null ? When.Now : default(Set<When>),
            // Trouble of the provider's between two of ours does not mend ours.
            FaultCount = trouble.Class == ProviderErrorClass.Fault ? shard.FaultCount + 1 : shard.FaultCount,
            Trouble = trouble,
            HeldBy = lease.Token,
        };
        if (await flow.TryAsync(shard, change, ct) is not { } moved)
            return;

        if (await IsToBeReportedAsync(shard, trouble, ct))
            flow.Errors.Report(error, component, shard.BatchId);
        else
            LogQuietly(logger, shard.BatchId, trouble.Class, fault?.StatusCode, delay);

        await EnqueueAsync(component, moved, delay);
    }

    // What another key does not find may well be there.
    private Trouble TroubleOf(ShardRow shard, Exception error) =>
        error is ProviderException { Class: var kind } && kind == ProviderErrorClass.NotFound && flow.HasOtherKey(shard)
            ? Trouble.OtherKey
            : Trouble.Of(error, "polling");

    private async Task<bool> IsToBeReportedAsync(ShardRow shard, Trouble trouble, CancellationToken ct)
    {
        if (trouble.Class == ProviderErrorClass.NotFound)
            return shard.NotFoundSince is { } since && await flow.NowAsync(ct) - since > flow.Options.NotFoundWindow;

        return trouble.Class == ProviderErrorClass.Fault || (!trouble.Class.IsPassing && trouble != shard.Trouble);
    }

    private static ShardChange Next(ShardChange seen, ShardRow shard, TimeSpan delay) => seen with
    {
        NextPollAt = When.In(delay),
        PollAttempt = shard.PollAttempt + 1,
        PollGeneration = shard.PollGeneration + 1,
        Lease = LeaseChange.Release,
    };

    private Task EnqueueAsync(string component, ShardRow shard, TimeSpan delay) =>
        flow.EnqueueAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), delay, component, shard.BatchId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {BatchId}: provider trouble ({Class}, HTTP {Status}); next poll in {Delay}.")]
    private static partial void LogQuietly(ILogger logger, long batchId, ProviderErrorClass @class, int? status, TimeSpan delay);
}
