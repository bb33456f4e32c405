using static Offpeak.Batches.ProviderBatchEvent;
using static Offpeak.Batches.ProviderBatchStatus;

namespace Offpeak.Batches;

/// <summary>
/// The one table of allowed moves. The stores build their guards from it, a test draws <c>docs/states.md</c> from it, and the simulation
/// uses it as its oracle.
/// </summary>
internal static class BatchTransitions
{
    public static readonly IReadOnlyList<Transition<ProviderBatchStatus, ProviderBatchEvent>> ProviderBatches =
    [
        new(Pending, BeginSubmit, Submitting, "SubmitProviderBatch takes the lease"),
        new(Pending, ProviderBatchEvent.Cancel, ProviderBatchStatus.Canceled, "CancelBatch, nothing was sent"),
        new(Submitting, ReleaseSubmit, Pending, "SubmitProviderBatch or ReconcileSubmissions: certainly not created"),
        new(Submitting, LoseReply, Unconfirmed, "SubmitProviderBatch: reply unclear; ReconcileSubmissions: lease ended after the create began"),
        new(Submitting, RecordSubmitted, Submitted, "SubmitProviderBatch records the provider's id"),
        new(Submitting, Refuse, ProviderBatchStatus.Failed, "SubmitProviderBatch: refused for good"),
        new(Submitting, ProviderBatchEvent.Cancel, ProviderBatchStatus.Canceled, "SubmitProviderBatch or ReconcileSubmissions: cancelled before the create began"),
        new(Unconfirmed, Adopt, Submitted, "ReconcileSubmissions found it by its key"),
        new(Unconfirmed, ProveAbsent, Pending, "ReconcileSubmissions: absent after the visibility window; or the operator's retry"),
        new(Unconfirmed, ProviderBatchEvent.Cancel, ProviderBatchStatus.Canceled, "ReconcileSubmissions: absent or not to be told, and the batch is cancelled"),
        new(Submitted, SeeProgress, InProgress, "PollProviderBatch"),
        new(Submitted, End, Ended, "PollProviderBatch"),
        new(InProgress, End, Ended, "PollProviderBatch"),
        new(Submitted, Refuse, ProviderBatchStatus.Failed, "PollProviderBatch: the provider refused it as a whole"),
        new(InProgress, Refuse, ProviderBatchStatus.Failed, "PollProviderBatch: the provider refused it as a whole"),
        new(Submitted, Requeue, Pending, "PollProviderBatch: no capacity, submitted again later"),
        new(InProgress, Requeue, Pending, "PollProviderBatch: no capacity, submitted again later"),
        new(Submitted, ProviderBatchEvent.Cancel, ProviderBatchStatus.Canceled, "PollProviderBatch: the provider says cancelled"),
        new(InProgress, ProviderBatchEvent.Cancel, ProviderBatchStatus.Canceled, "PollProviderBatch: the provider says cancelled"),
        new(Submitted, ProviderBatchEvent.Expire, ProviderBatchStatus.Expired, "PollProviderBatch: the provider says expired"),
        new(InProgress, ProviderBatchEvent.Expire, ProviderBatchStatus.Expired, "PollProviderBatch: the provider says expired"),
        new(Submitted, GiveUp, ProviderBatchStatus.Expired, "ExpireStuckBatches, after a last look"),
        new(InProgress, GiveUp, ProviderBatchStatus.Expired, "ExpireStuckBatches, after a last look"),
    ];

    public static readonly IReadOnlyList<Transition<BatchStatus, BatchEvent>> Batches =
    [
        new(BatchStatus.Building, BatchEvent.Seal, BatchStatus.Running, "SealBatch, after every shard row is written"),
        new(BatchStatus.Building, BatchEvent.Cancel, BatchStatus.Canceled, "CancelBatch, nothing was sent"),
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
        new(EntryStatus.Pending, EntryEvent.Submit, EntryStatus.Submitted, "SubmitProviderBatch records the provider's id"),
        new(EntryStatus.Pending, EntryEvent.Cancel, EntryStatus.Canceled, "CancelBatch"),
        new(EntryStatus.Pending, EntryEvent.Refuse, EntryStatus.Failed, "SubmitProviderBatch: the shard was refused as a whole"),
        new(EntryStatus.Submitted, EntryEvent.Answer, EntryStatus.Succeeded, "IngestResults"),
        new(EntryStatus.Submitted, EntryEvent.Refuse, EntryStatus.Failed, "IngestResults: refused for good, or rounds used up"),
        new(EntryStatus.Submitted, EntryEvent.TryAgain, EntryStatus.Pending, "IngestResults: failed for a passing reason; or the shard waits for capacity"),
        new(EntryStatus.Submitted, EntryEvent.Cancel, EntryStatus.Canceled, "IngestResults: not run before the cancel"),
        new(EntryStatus.Submitted, EntryEvent.Expire, EntryStatus.Expired, "IngestResults: not run in time, and no round is left"),
        new(EntryStatus.Failed, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
        new(EntryStatus.Canceled, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
        new(EntryStatus.Expired, EntryEvent.Reopen, EntryStatus.Pending, "RetryBatch"),
    ];

    /// <summary>Where an event leads from a status.</summary>
    /// <exception cref="InvalidOperationException">The table does not allow it: a mistake in the code, not a lost race.</exception>
    public static ProviderBatchStatus Target(ProviderBatchStatus from, ProviderBatchEvent cause) => Find(ProviderBatches, from, cause);

    /// <inheritdoc cref="Target(ProviderBatchStatus, ProviderBatchEvent)"/>
    public static BatchStatus Target(BatchStatus from, BatchEvent cause) => Find(Batches, from, cause);

    public static bool IsTerminal(this ProviderBatchStatus status) => status >= Ended;

    public static bool IsTerminal(this BatchStatus status) => status >= BatchStatus.Completed;

    public static bool IsTerminal(this EntryStatus status) => status >= EntryStatus.Succeeded;

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
