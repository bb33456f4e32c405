using static Offpeak.Batches.ShardEvent;
using static Offpeak.Batches.ShardStatus;

namespace Offpeak.Batches;

/// <summary>
/// The one table of allowed moves. Steps take their targets from it, and what the store's own statements set is held to it by the simulation and
/// the crash tests; a test draws <c>docs/states.md</c> from it.
/// </summary>
internal static class BatchTransitions
{
    public static readonly IReadOnlyList<Transition<ShardStatus, ShardEvent>> Shards =
    [
        new(Pending, BeginSubmit, Submitting, "SubmitShard takes the lease"),
        new(Pending, ShardEvent.Cancel, ShardStatus.Canceled, "CancelBatch, SubmitShard, a fallback or a stop: nothing was sent"),
        new(Pending, Split, ShardStatus.Canceled, "SubmitShard or PollShard: cut into two, the provider has no room for it"),
        new(Pending, GiveUp, ShardStatus.Expired, "ExpireStuckBatches: never accepted"),
        new(Submitting, ReleaseSubmit, Pending, "SubmitShard or ReconcileSubmissions: certainly not created"),
        new(Submitting, LoseReply, Unconfirmed, "SubmitShard: reply unclear; ReconcileSubmissions: lease ended after the create began"),
        new(Submitting, Accept, Submitted, "SubmitShard records the provider's id"),
        new(Submitting, Refuse, ShardStatus.Failed, "SubmitShard: refused for good"),
        new(Submitting, ShardEvent.Cancel, ShardStatus.Canceled, "ReconcileSubmissions: cancelled before the create began"),
        new(Unconfirmed, Adopt, Submitted, "ReconcileSubmissions found it by its key; or the operator named it"),
        new(Unconfirmed, ProveAbsent, Pending, "ReconcileSubmissions: absent after the visibility window; or the operator's word"),
        new(Unconfirmed, ShardEvent.Cancel, ShardStatus.Canceled, "ReconcileSubmissions: absent or not to be told, and the batch is cancelled"),
        new(Unconfirmed, GiveUp, ShardStatus.Expired, "ExpireStuckBatches: nobody could tell, in doubt"),
        new(Submitted, SeeProgress, InProgress, "PollShard"),
        new(Submitted, End, Ended, "PollShard"),
        new(InProgress, End, Ended, "PollShard"),
        new(Submitted, Refuse, ShardStatus.Failed, "PollShard: the provider refused it as a whole"),
        new(InProgress, Refuse, ShardStatus.Failed, "PollShard: the provider refused it as a whole"),
        new(Submitted, Requeue, Pending, "PollShard: no room, submitted again later"),
        new(InProgress, Requeue, Pending, "PollShard: no room, submitted again later"),
        new(Submitted, ShardEvent.Cancel, ShardStatus.Canceled, "PollShard: the provider says cancelled"),
        new(InProgress, ShardEvent.Cancel, ShardStatus.Canceled, "PollShard: the provider says cancelled"),
        new(Submitted, ShardEvent.Expire, ShardStatus.Expired, "PollShard: the provider says expired"),
        new(InProgress, ShardEvent.Expire, ShardStatus.Expired, "PollShard: the provider says expired"),
        new(Submitted, GiveUp, ShardStatus.Expired, "ExpireStuckBatches, after a last look"),
        new(InProgress, GiveUp, ShardStatus.Expired, "ExpireStuckBatches, after a last look"),
    ];

    public static readonly IReadOnlyList<Transition<BatchStatus, BatchEvent>> Batches =
    [
        new(BatchStatus.Building, BatchEvent.Submit, BatchStatus.Running, "SubmitBatch, after every shard row is written"),
        new(BatchStatus.Building, BatchEvent.Cancel, BatchStatus.Canceled, "AdvanceBatch: cancelled, nothing was sent"),
        new(BatchStatus.Running, BatchEvent.Complete, BatchStatus.Completed, "AdvanceBatch: every entry answered or refused for good"),
        new(BatchStatus.Running, BatchEvent.Cancel, BatchStatus.Canceled, "AdvanceBatch: cancelled, and every shard is terminal"),
        new(BatchStatus.Running, BatchEvent.Expire, BatchStatus.Expired, "AdvanceBatch: an entry was never answered in time"),
        new(BatchStatus.Running, BatchEvent.Fail, BatchStatus.Failed, "AdvanceBatch: refused as a whole, nothing ran"),
        new(BatchStatus.Completed, BatchEvent.Reopen, BatchStatus.Running, "RetryBatch: failed entries are asked again"),
        new(BatchStatus.Canceled, BatchEvent.Reopen, BatchStatus.Running, "RetryBatch: unanswered entries are asked again"),
        new(BatchStatus.Expired, BatchEvent.Reopen, BatchStatus.Running, "RetryBatch: unanswered entries are asked again"),
        new(BatchStatus.Failed, BatchEvent.Reopen, BatchStatus.Running, "RetryBatch: refused entries are asked again"),
    ];

    public static readonly IReadOnlyList<Transition<EntryStatus, EntryEvent>> Entries =
    [
        new(EntryStatus.Pending, EntryEvent.Submit, EntryStatus.Submitted, "RecordAcceptance"),
        new(EntryStatus.Pending, EntryEvent.Cancel, EntryStatus.Canceled, "AdvanceBatch: the batch is cancelled; SubmitShard or ReconcileShard: its shard is"),
        new(EntryStatus.Pending, EntryEvent.Refuse, EntryStatus.Failed, "SubmitShard: its shard was refused, or the budget is used up; AdvanceBatch: a budget or a canary stopped the batch; ContinueEntries: its conversation cannot go on"),
        new(EntryStatus.Pending, EntryEvent.Expire, EntryStatus.Expired, "ExpireStuckBatches: its shard was never accepted"),
        new(EntryStatus.Submitted, EntryEvent.Answer, EntryStatus.Succeeded, "IngestResults"),
        new(EntryStatus.Submitted, EntryEvent.Refuse, EntryStatus.Failed, "IngestResults: refused for good, no answer (refused, blocked, empty, cut off), unreadable, or rounds used up"),
        new(EntryStatus.Submitted, EntryEvent.TryAgain, EntryStatus.Pending, "IngestResults: failed for a passing reason, or its conversation goes on; PollShard: its shard waits for room"),
        new(EntryStatus.Submitted, EntryEvent.Cancel, EntryStatus.Canceled, "IngestResults: not run before the cancel"),
        new(EntryStatus.Submitted, EntryEvent.Expire, EntryStatus.Expired, "IngestResults: not run in time, and no round is left"),
        new(EntryStatus.Failed, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
        new(EntryStatus.Canceled, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
        new(EntryStatus.Expired, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
    ];

    /// <summary>Where an event leads from a status.</summary>
    /// <exception cref="InvalidOperationException">The table does not allow it: a mistake in the code, not a lost race.</exception>
    public static ShardStatus Target(ShardStatus from, ShardEvent cause) => Find(Shards, from, cause);

    /// <inheritdoc cref="Target(ShardStatus, ShardEvent)"/>
    public static BatchStatus Target(BatchStatus from, BatchEvent cause) => Find(Batches, from, cause);

    /// <inheritdoc cref="Target(ShardStatus, ShardEvent)"/>
    public static EntryStatus Target(EntryStatus from, EntryEvent cause) => Find(Entries, from, cause);

    public static bool IsAllowed(EntryStatus from, EntryStatus to) => Entries.Any(row => row.From == from && row.To == to);

    private static TStatus Find<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, TStatus from, TEvent cause)
        where TStatus : struct, Enum
        where TEvent : struct, Enum
    {
        foreach (var row in table)
        {
            if (row.From.Equals(from) && row.Event.Equals(cause))
                return row.To;
        }

        throw new InvalidOperationException($"No transition from {from} by {cause}.");
    }
}
