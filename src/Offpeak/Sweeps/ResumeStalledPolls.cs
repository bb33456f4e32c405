using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Handlers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>
/// Brings back poll chains that were dropped (queue restart, retry ceiling, deploy): every shard whose next poll is overdue by more than the
/// grace gets a fresh poll under a new generation, so that the old chain, should it still live, ends itself. Also picks up batches whose next
/// step or handler was lost after the results were read.
/// </summary>
internal sealed partial class ResumeStalledPolls(
    FlowContext flow, HandlerRegistry handlers, UnknownHandlers unknown, SweepPages pages, ILogger<ResumeStalledPolls> logger) : ISweep
{
    // One commit, and one flush to the disk, for each page.
    private const int PollsAtOnce = 2_000;

    public SweepName Name => SweepName.ResumeStalledPolls;

    public TimeSpan Interval => flow.Options.ResumeInterval;

    public bool IsShared => false;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct)
    {
        var dead = await flow.Leases.ListDeadOwnersAsync(ct);
        var result = await ResumePollsAsync(queue, withoutGrace ? TimeSpan.Zero : flow.Options.PollGrace, dead, ct);
        result += await ResumeStepsAsync(queue, ct);
        result += await ResumeDispatchesAsync(queue, dead, ct);
        return pages.Done(Name, result);
    }

    private Task<SweepResult> ResumePollsAsync(IWorkQueue queue, TimeSpan grace, IReadOnlyList<string> dead, CancellationToken ct) =>
        pages.ForEachPageAsync(
            Name,
            after => flow.Store.ResumePollsAsync(grace, dead, after, PollsAtOnce, ct),
            rows => pages.ForEachAsync(Name, rows, row => row.BatchId, row => EnqueueAsync(queue, row, ct), ct),
            ct);

    private Task<SweepResult> ResumeStepsAsync(IWorkQueue queue, CancellationToken ct) => pages.ForEachPageAsync(
        Name,
        after => flow.Store.FindBetweenStepsAsync(after, SweepPages.Size, ct),
        rows => pages.ForEachAsync(Name, rows, id => id, id => SweepPages.PassAsync(queue, [new WorkItem(WorkKind.Advance, id)], ct), ct),
        ct);

    private async Task<SweepResult> ResumeDispatchesAsync(IWorkQueue queue, IReadOnlyList<string> dead, CancellationToken ct)
    {
        var result = await pages.GuardAsync(
            Name,
            batchId: null,
            async () =>
            {
                await unknown.NoteAsync(Name.Value, batchId: null, ct);
                return false;
            },
            ct);
        return new SweepResult(0, 0, result.Failed) + await pages.ForEachPageAsync(
            Name,
            after => flow.Store.FindDueDispatchesAsync(handlers.Names, dead, after, SweepPages.Size, ct),
            rows => pages.ForEachAsync(Name, rows, id => id, id => SweepPages.PassAsync(queue, [new WorkItem(WorkKind.Dispatch, id)], ct), ct),
            ct);
    }

    private async Task<bool> EnqueueAsync(IWorkQueue queue, ResumedPoll row, CancellationToken ct)
    {
        await queue.EnqueueAsync(new WorkItem(WorkKind.Poll, row.ShardId, row.Generation), TimeSpan.Zero, ct);
        flow.Probe.Reached(FlowPoint.PollResumed);
        LogResumed(logger, row.BatchId, row.Status.ToName(), row.WasDueAt, row.ProviderBatchId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "resume_stalled_polls: poll enqueued for batch {BatchId} (status {Status}, next poll was due {NextPollAt:O}, provider batch {ProviderBatchId}).")]
    private static partial void LogResumed(ILogger logger, long batchId, string status, DateTimeOffset? nextPollAt, string? providerBatchId);
}
