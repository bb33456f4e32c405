using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Queues;
using Offpeak.Storage;

namespace Offpeak.Sweeps;

/// <summary>
/// Brings back poll chains that were dropped (queue restart, retry ceiling, deploy): every provider batch whose next poll is overdue by more
/// than the grace gets a fresh poll under a new generation, so that the old chain, should it still live, ends itself. Also picks up batches
/// whose next step or handler was lost after the results were read.
/// </summary>
public sealed partial class ResumeStalledPolls : ISweep
{
    private readonly FlowContext flow;
    private readonly DueShards due;
    private readonly DispatchLease lease;
    private readonly IPollQueue queue;
    private readonly SweepPages pages;
    private readonly ILogger<ResumeStalledPolls> logger;

    internal ResumeStalledPolls(
        FlowContext flow, DueShards due, DispatchLease lease, IPollQueue queue, SweepPages pages, ILogger<ResumeStalledPolls> logger)
    {
        this.flow = flow;
        this.due = due;
        this.lease = lease;
        this.queue = queue;
        this.pages = pages;
        this.logger = logger;
    }

    /// <inheritdoc/>
    public string Name => "resume_stalled_polls";

    /// <inheritdoc/>
    public TimeSpan Interval => flow.Options.ResumeInterval;

    /// <inheritdoc/>
    public Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default) => RunOnceAsync(flow.Options.PollGrace, cancellationToken);

    /// <summary>Runs once with another grace; at start-up there is none, because the chains of this process's previous life are gone.</summary>
    public async Task<SweepResult> RunOnceAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        var result = await ResumePollsAsync(flow.Now - grace, cancellationToken);
        result += await ResumeStepsAsync(cancellationToken);
        result += await ResumeDispatchesAsync(flow.Now, cancellationToken);
        return pages.Done(Name, result);
    }

    private async Task<SweepResult> ResumePollsAsync(DateTimeOffset cutoff, CancellationToken ct)
    {
        var result = default(SweepResult);
        await foreach (var page in SweepPages.ReadAsync((after, limit) => due.PollsDueAsync(cutoff, after, limit, ct), p => p.Id, ct))
        {
            // A row whose lease is alive is being polled right now.
            var free = page.FindAll(flow.Shards.IsFree);
            await due.StartGenerationAsync(free, flow.Now, ct);
            foreach (var shard in free)
                result += await pages.GuardAsync(Name, shard.BatchId, () => EnqueueAsync(shard, shard.PollGeneration + 1, ct), ct);
        }

        return result;
    }

    private async Task<SweepResult> ResumeStepsAsync(CancellationToken ct)
    {
        var result = default(SweepResult);
        await foreach (var page in SweepPages.ReadAsync((after, limit) => flow.Batches.FindStuckBetweenStepsAsync(after, limit, ct), id => id, ct))
        {
            foreach (var batchId in page)
                result += await pages.GuardAsync(Name, batchId, () => EnqueueStepAsync(batchId, ct), ct);
        }

        return result;
    }

    private async Task<SweepResult> ResumeDispatchesAsync(DateTimeOffset cutoff, CancellationToken ct)
    {
        var result = default(SweepResult);
        await foreach (var page in SweepPages.ReadAsync((after, limit) => flow.Batches.FindDueDispatchesAsync(cutoff, after, limit, ct), b => b.Id, ct))
        {
            // A handler whose lease is alive is running right now.
            foreach (var batch in page.FindAll(lease.IsFree))
                result += await pages.GuardAsync(Name, batch.Id, () => EnqueueStepAsync(batch.Id, ct), ct);
        }

        return result;
    }

    // The poll of a provider batch whose results are read goes on with its batch; handlers so run on the queue, never inside the sweep.
    // One of a next round that was planned but not begun is not read yet: its poll would do nothing.
    private async Task<bool> EnqueueStepAsync(long batchId, CancellationToken ct)
    {
        var shards = await flow.Shards.ListAsync(batchId, ct);
        var read = shards.FindLast(shard => shard.ResultsFetchedAt is not null);
        return read is not null && await EnqueueAsync(read, read.PollGeneration, ct);
    }

    private async Task<bool> EnqueueAsync(ProviderBatch shard, int generation, CancellationToken ct)
    {
        await queue.EnqueueAsync(new PollRequest(shard.Id, generation), TimeSpan.Zero, ct);
        flow.Probe.Reached(Diagnostics.FlowPoint.PollResumed);
        LogResumed(logger, shard.BatchId, SnakeCaseEnum<ProviderBatchStatus>.Name(shard.Status), shard.NextPollAt, shard.ProviderBatchId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "resume_stalled_polls: poll enqueued for batch {BatchId} (status {Status}, next poll was due {NextPollAt:O}, provider batch {ProviderBatchId}).")]
    private static partial void LogResumed(ILogger logger, long batchId, string status, DateTimeOffset? nextPollAt, string? providerBatchId);
}
