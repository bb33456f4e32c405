using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>Writes down what a poll saw, under the lease the poll holds.</summary>
internal sealed class RecordSnapshot(FlowContext flow, ReschedulePoll reschedule)
{
    /// <returns>The shard as it is now: terminal if its results are to be read, pending if the provider had no room for it.</returns>
    public async Task<ShardRow> RunAsync(
        string component, BatchRow batch, ShardRow shard, ProviderSnapshot snapshot, Lease lease, CancellationToken ct)
    {
        if (snapshot.State == ProviderBatchState.Running || !snapshot.ResultsReady)
            return await reschedule.AfterProgressAsync(component, shard, snapshot, batch.FallbackAt, lease, ct);

        return (snapshot.IsOutOfRoom ? await TryRequeueAsync(shard, snapshot, ct) : null) ?? await EndAsync(shard, snapshot, ct);
    }

    private async Task<ShardRow> EndAsync(ShardRow shard, ProviderSnapshot snapshot, CancellationToken ct)
    {
        var cause = snapshot.State switch
        {
            ProviderBatchState.Ended => ShardEvent.End,
            ProviderBatchState.Canceled => ShardEvent.Cancel,
            ProviderBatchState.Expired => ShardEvent.Expire,
            // What it had answered counts like any other answers; the rest is planned anew.
            _ when snapshot.IsOutOfRoom => ShardEvent.End,
            _ => ShardEvent.Refuse,
        };
        var ended = await flow.MustAsync(
            shard,
            reschedule.Describe(shard, snapshot) with
            {
                Status = BatchTransitions.Target(shard.Status, cause),
                EndedAt = When.Now,
                // Due at once: should this process end before the results are stored, the resume sweep finds them unread.
                NextPollAt = When.Now,
                FailureCode = snapshot.IsOutOfRoom ? FailureCodes.NoRoom : snapshot.Failure?.Code,
                FailureReason = snapshot.Failure?.Message,
            },
            ct);
        flow.Probe.Reached(FlowPoint.EndRecorded);
        return ended;
    }

    // No room in the provider's queue is not a failure: the same shard is submitted again later, under the same key. Null: part of it was
    // answered, and is not to be paid again.
    private async Task<ShardRow?> TryRequeueAsync(ShardRow shard, ProviderSnapshot snapshot, CancellationToken ct)
    {
        var requeued = await flow.TryAsync(
            shard,
            new ShardChange
            {
                Status = BatchTransitions.Target(shard.Status, ShardEvent.Requeue),
                RejectedIds = new([.. shard.RejectedIds, shard.ProviderBatchId!]),
                ProviderBatchId = (string?)null,
                ProviderStatus = snapshot.Status,
                // What it names is of the batch that was turned away.
                Journal = (snapshot.Journal ?? shard.Journal).LeaveBehind(),
                AcceptedAt = When.Never,
                NextPollAt = When.Never,
                CreateBegunAt = When.Never,
                NextSubmitAt = When.In(flow.Delay(shard.SubmitAttempts - 1, snapshot.RetryAfter)),
                Trouble = new Trouble(snapshot.Failure!.Class, snapshot.Failure.Message),
                RequiresUnanswered = true,
                Lease = LeaseChange.Release,
            },
            EntryChange.By(EntryStatus.Submitted, EntryEvent.TryAgain) with { StaysInShard = true },
            ct);
        if (requeued is not null)
            flow.Probe.Reached(FlowPoint.CapacityRequeued);

        return requeued;
    }
}
