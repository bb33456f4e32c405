using Microsoft.EntityFrameworkCore.Query;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Writes down what a poll saw, under the lease the poll holds.</summary>
internal sealed class RecordSnapshot(FlowContext flow, ReschedulePoll reschedule, Random random)
{
    /// <param name="shard">The provider batch.</param>
    /// <param name="snapshot">What the poll saw.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="pollBy">A moment at which it must be polled, whatever the schedule says.</param>
    /// <returns>Whether the provider batch is terminal now and its results can be read.</returns>
    public async Task<bool> RunAsync(ProviderBatch shard, ProviderSnapshot snapshot, CancellationToken ct, DateTimeOffset? pollBy = null)
    {
        if (snapshot.State == ProviderBatchState.Running || !snapshot.ResultsReady)
        {
            await reschedule.AfterProgressAsync(shard, snapshot, pollBy, ct);
            return false;
        }

        if (snapshot is { State: ProviderBatchState.Failed, Failure: { } failure } && failure.Class == ProviderErrorClass.Capacity)
        {
            await RequeueAsync(shard, snapshot, failure, ct);
            return false;
        }

        var cause = snapshot.State switch
        {
            ProviderBatchState.Ended => ProviderBatchEvent.End,
            ProviderBatchState.Canceled => ProviderBatchEvent.Cancel,
            ProviderBatchState.Expired => ProviderBatchEvent.Expire,
            _ => ProviderBatchEvent.Refuse,
        };
        await EndAsync(shard, cause, snapshot, ct);
        return true;
    }

    private async Task EndAsync(ProviderBatch shard, ProviderBatchEvent cause, ProviderSnapshot snapshot, CancellationToken ct)
    {
        var now = flow.Now;
        var ended = await flow.Shards.TryMoveAsync(
            shard,
            cause,
            set =>
            {
                Describe(set, snapshot);
                set.SetProperty(p => p.EndedAt, now);
                // Due at once: should this process end before the results are stored, the resume sweep finds them unread.
                set.SetProperty(p => p.NextPollAt, now);
                set.SetProperty(p => p.FailureError, snapshot.Failure?.Code);
                set.SetProperty(p => p.FailureReason, snapshot.Failure?.Message);
            },
            ct);
        if (!ended)
            throw new LeaseLostException($"provider batch {shard.Id}");
        flow.Probe.Reached(FlowPoint.EndRecorded);
    }

    // No room in the provider's queue is not a failure: the same shard is submitted again later, under the same key.
    private async Task RequeueAsync(ProviderBatch shard, ProviderSnapshot snapshot, ProviderFailure failure, CancellationToken ct)
    {
        var rejected = ProviderStateJson.WriteIds([.. ProviderStateJson.ReadIds(shard.RejectedIds), shard.ProviderBatchId!]);
        var next = flow.Now + flow.Options.PollSchedule.Delay(shard.SubmitAttempts - 1, random, snapshot.RetryAfter);
        await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.Requeue,
            set =>
            {
                set.SetProperty(p => p.RejectedIds, rejected);
                set.SetProperty(p => p.ProviderBatchId, (string?)null);
                set.SetProperty(p => p.ProviderStatus, snapshot.Status.Value);
                set.SetProperty(p => p.SubmittedAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.NextPollAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.NextSubmitAt, next);
                set.SetProperty(p => p.LastError, failure.Message);
                set.SetProperty(p => p.LastErrorClass, failure.Class.Value);
                ShardStore.ReleaseLease(set);
            },
            ct,
            db => db.TakeBackAsync(shard.Id, ct));
        flow.Probe.Reached(FlowPoint.CapacityRequeued);
    }

    public static void Describe(UpdateSettersBuilder<ProviderBatch> set, ProviderSnapshot snapshot)
    {
        set.SetProperty(p => p.ProviderStatus, snapshot.Status.Value);
        set.SetProperty(p => p.NotFoundSince, (DateTimeOffset?)null);
        set.SetProperty(p => p.PausedReason, (string?)null);
        set.SetProperty(p => p.LastError, (string?)null);
        set.SetProperty(p => p.LastErrorClass, (string?)null);
        if (snapshot.Counts is { } counts)
            set.SetProperty(p => p.RequestCounts, ProviderStateJson.WriteCounts(counts));
        if (snapshot.Journal is { } state)
            set.SetProperty(p => p.ProviderState, ProviderStateJson.Write(state));
    }
}
