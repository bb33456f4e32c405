using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>
/// The account's queue of tokens has no room for a shard. While others of ours are in it, waiting helps; alone, it may never fit, so it is cut
/// into two. But somebody else on the account may fill the queue: the smaller the parts, the longer they wait before they are cut again, and what
/// is within the queue's known size is never cut.
/// </summary>
internal sealed class MakeRoom(FlowContext flow, Doubles doubles)
{
    // Of what was never cut; a part that is a quarter as large is refused four times as often.
    private const int RefusalsBeforeSplit = 2;
    private const int RefusalsBeforeReport = 5;

    /// <summary>Cuts a shard into two if nothing else can make room for it.</summary>
    /// <returns>The work on the new shards; null if the shard is to wait as it is, or somebody else has changed it.</returns>
    public async Task<IReadOnlyList<WorkItem>?> TrySplitAsync(string component, ShardRow shard, CancellationToken ct)
    {
        if (shard.SubmitAttempts < RefusalsBeforeSplit
            || shard.EnqueuedTokens <= flow.Options.MaxEnqueuedTokensOf(shard.Provider, shard.Model)
            || await flow.Store.HasOthersUnderWayAsync(shard, ct))
            return null;

        if (shard.EntryCount < 2)
        {
            if (shard.SubmitAttempts == RefusalsBeforeReport)
                flow.Errors.Report(new OffpeakException(OffpeakErrorCode.Provider, "The account's queue of tokens has no room even for one entry alone."), component, shard.BatchId);

            return null;
        }

        if (shard.SubmitAttempts < RefusalsBeforeSplit * await PartsAsync(shard, ct))
            return null;

        // Its parts have keys of their own: nobody looks for this one any more.
        var doubt = await doubles.LookLastAsync(component, shard, ct);
        var change = new ShardChange
        {
            Status = BatchTransitions.Target(shard.Status, ShardEvent.Split),
            EndedAt = When.Now,
            ResultsFetchedAt = When.Now,
            NextSubmitAt = When.Never,
            FailureCode = FailureCodes.Split,
            FailureReason = "Cut into two shards: the account's queue of tokens has no room for it.",
            Doubt = doubt,
            NextCleanUpAt = shard.Journal.IsEmpty ? When.Never : When.Now,
            Lease = LeaseChange.Release,
        };
        if (!await flow.Store.TrySplitShardAsync(shard, change, [SubmissionKey.New(), SubmissionKey.New()], ct))
            return null;

        flow.Probe.Reached(FlowPoint.ShardSplit);
        return
        [
            .. (await flow.Store.ListShardsAsync(shard.BatchId, ct))
                .Where(row => row.Status == ShardStatus.Pending && row.Round == shard.Round)
                .Select(row => new WorkItem(WorkKind.Submit, row.Id)),
        ];
    }

    // Into how many parts of its size the largest shard of its round was cut.
    private async Task<double> PartsAsync(ShardRow shard, CancellationToken ct)
    {
        var cut = (await flow.Store.ListShardsAsync(shard.BatchId, ct))
            .Where(row => row.FailureCode == FailureCodes.Split && row.Round == shard.Round && row.Model == shard.Model);
        return Math.Round((double)cut.Select(row => row.EnqueuedTokens).Append(shard.EnqueuedTokens).Max() / Math.Max(1, shard.EnqueuedTokens));
    }
}
