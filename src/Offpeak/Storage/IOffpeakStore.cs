using System.Data.Common;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>
/// The contract of a store driver: the verbs of the flow. Each is one guarded statement or one short transaction; none waits for a network or
/// holds more than a page. Two callers may do anything at the same time: what is changed is compared with what was read (version, status,
/// lease) in the statement itself, and a lost race is a null, not an error. Time is compared with the store's own clock. All members may be
/// called concurrently. The suites in <c>Offpeak.Conformance</c> hold a driver to it.
/// </summary>
/// <exception cref="OffpeakException">With <see cref="OffpeakErrorCode.Database"/> where the database cannot be used at all.</exception>
public interface IOffpeakStore
{
    /// <summary>Brings the database to this version's schema, in one transaction under a lock; makes it if it does not exist. Nearly free when there is nothing to do.</summary>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Looks for the tables; makes neither them nor the database.</summary>
    Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken);

    /// <summary>The same store, working on the connection and in the transaction of a caller, who commits or rolls back.</summary>
    IOffpeakStore In(DbTransaction transaction);

    /// <summary>What time it is by the clock that the store compares with.</summary>
    Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken);

    // Batches

    /// <summary>Inserts a batch. Null: another batch has its input key.</summary>
    Task<BatchRow?> TryCreateBatchAsync(BatchRow batch, CancellationToken cancellationToken);

    /// <summary>A batch, or null.</summary>
    Task<BatchRow?> FindBatchAsync(long id, CancellationToken cancellationToken);

    /// <summary>The batch with an input key, or null.</summary>
    Task<BatchRow?> FindBatchByInputKeyAsync(string inputKey, CancellationToken cancellationToken);

    /// <summary>Takes an input key away from the batch that has it, so that a new batch can have it.</summary>
    Task ReleaseInputKeyAsync(string inputKey, CancellationToken cancellationToken);

    /// <summary>Batches from the newest to the oldest, without those that are being deleted.</summary>
    Task<IReadOnlyList<BatchRow>> ListBatchesAsync(BatchQuery query, CancellationToken cancellationToken);

    /// <summary>Changes a batch and raises its version, unless somebody has changed it since it was read. Null: the race was lost, or it is being deleted.</summary>
    Task<BatchRow?> TryChangeBatchAsync(BatchRow batch, BatchChange change, CancellationToken cancellationToken);

    /// <summary>Notes that the user wants the batch cancelled, unless it is terminal or being deleted. Idempotent; raises the version the first time.</summary>
    /// <returns>The batch as it is now; null if there is none.</returns>
    Task<BatchRow?> RequestCancelAsync(long batchId, CancellationToken cancellationToken);

    /// <summary>
    /// Marks the handler done, if the lease of <paramref name="token"/> still holds. In a caller's transaction false says that another run has
    /// taken over or has done it, so that the caller must not commit; without one it is true as well where it is done already.
    /// </summary>
    Task<bool> TryCompleteDispatchAsync(BatchRow batch, string token, DbTransaction? transaction, CancellationToken cancellationToken);

    /// <summary>Deletes the row of a batch whose <see cref="BatchStep.Delete"/> has nothing left to do.</summary>
    Task DeleteBatchAsync(BatchRow batch, CancellationToken cancellationToken);

    // Entries

    /// <summary>Adds entries to a batch that is building, raises its entry count and version. Ids ascend in the given order.</summary>
    /// <exception cref="OffpeakException">The batch is not building (<see cref="OffpeakErrorCode.InvalidState"/>), or a custom id is taken.</exception>
    Task AddEntriesAsync(long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken cancellationToken);

    /// <summary>Entries of a batch by status, counted now.</summary>
    Task<EntryCounts> CountEntriesAsync(long batchId, CancellationToken cancellationToken);

    /// <summary>The errors of entries that have ended without an answer, by code, the commonest first.</summary>
    Task<IReadOnlyList<EntryErrorCount>> CountErrorsAsync(long batchId, CancellationToken cancellationToken);

    /// <summary>How many answered entries of a batch were cut off at the limit on output tokens.</summary>
    Task<int> CountCutOffAsync(long batchId, CancellationToken cancellationToken);

    /// <summary>A page of entries that wait for a shard (pending, in none, nothing to continue), in input order.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="after">Only larger ids.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<WaitingEntryRow>> ReadWaitingAsync(long batchId, long after, int limit, CancellationToken cancellationToken);

    /// <summary>A page of a batch's first requests, in input order, of at most so many bytes but at least one.</summary>
    Task<IReadOnlyList<EntryBodyRow>> ReadRequestsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken);

    /// <summary>A page of the requests of a shard as they are sent, in input order, of at most so many bytes but at least one.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="onlyOpen">Only entries that are submitted and have no result.</param>
    /// <param name="after">Only larger ids.</param>
    /// <param name="maxBytes">Bytes of bodies.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<EntryBodyRow>> ReadShardRequestsAsync(ShardRow shard, bool onlyOpen, long after, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Sum of the lengths, in characters, of a shard's entry ids.</summary>
    Task<long> SumEntryIdLengthsAsync(long shardId, CancellationToken cancellationToken);

    /// <summary>A page of a batch's entries with their answers, in input order, of at most so many bytes but at least one.</summary>
    Task<IReadOnlyList<EntryResultRow>> ReadResultsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken);

    /// <summary>What the review has to know of some entries: those from the first on that fit into so many bytes of requests, at least one.</summary>
    /// <param name="entryIds">The entries.</param>
    /// <param name="withRequests">Whether the requests of all are read; false: only where the answer is checked against the schema in it.</param>
    /// <param name="maxBytes">Bytes of requests.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<EntryReview>> ReadReviewsAsync(
        IReadOnlyList<long> entryIds, bool withRequests, long maxBytes, CancellationToken cancellationToken);

    /// <summary>How many entries wait for their next turn to be written, for one reason or (null) for any.</summary>
    Task<int> CountTurnsAsync(long batchId, EntryContinuation? only, CancellationToken cancellationToken);

    /// <summary>A page of entries that wait for their next turn to be written, in input order, of at most so many bytes of requests and answers but at least one.</summary>
    Task<IReadOnlyList<EntryTurn>> ReadTurnsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Makes an entry ready for the next round with a new body. False: another worker was faster.</summary>
    Task<bool> TrySaveTurnAsync(EntryTurn turn, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Fails an entry whose conversation cannot go on. False: another worker was faster.</summary>
    Task<bool> TryFailTurnAsync(EntryTurn turn, string code, string message, CancellationToken cancellationToken);

    /// <summary>
    /// Does one chunk of the batch's <see cref="BatchRow.Step"/>, fenced by the batch's version, on entries with ids larger than
    /// <paramref name="after"/>; a settling step gives them the change's status and words;
    /// what becomes pending goes to the fallback's model, if there is one. A chunk may be done again without harm.
    /// </summary>
    /// <returns>Where the next chunk begins; null if there is none.</returns>
    /// <exception cref="LeaseLostException">Somebody has changed the batch since it was read.</exception>
    Task<long?> StepEntriesAsync(BatchRow batch, EntryChange? change, string? fallbackModel, long after, CancellationToken cancellationToken);

    // Shards

    /// <summary>
    /// Plans a shard: inserts it with the next number of its round and puts its entries into it, fenced by the batch's version, which it raises.
    /// Null: the batch has changed, or not exactly these entries wait.
    /// </summary>
    Task<PlannedShard?> TryPlanShardAsync(BatchRow batch, NewShardRow shard, CancellationToken cancellationToken);

    /// <summary>A shard, or null.</summary>
    Task<ShardRow?> FindShardAsync(long id, CancellationToken cancellationToken);

    /// <summary>The shards of a batch by round and number.</summary>
    Task<IReadOnlyList<ShardRow>> ListShardsAsync(long batchId, CancellationToken cancellationToken);

    /// <summary>
    /// Changes a shard and raises its version, unless somebody has changed it since it was read; entries and counts change in the same
    /// transaction. Null: the race was lost.
    /// </summary>
    Task<ShardRow?> TryChangeShardAsync(ShardRow shard, ShardChange change, EntryChange? entries, CancellationToken cancellationToken);

    /// <summary>Begins a submit as <see cref="TryChangeShardAsync"/>, if batch, budget and queue allow it at this moment, over all workers.</summary>
    Task<BeginResult> TryBeginSubmitAsync(ShardRow shard, ShardChange change, SubmitLimits limits, CancellationToken cancellationToken);

    /// <summary>
    /// Cuts a shard that the provider has no room for into two of half its entries, each with a key of its own, and ends it by the change. False:
    /// the race was lost.
    /// </summary>
    Task<bool> TrySplitShardAsync(
        ShardRow shard, ShardChange change, IReadOnlyList<Providers.SubmissionKey> keys, CancellationToken cancellationToken);

    /// <summary>Whether any other shard of this provider and model is under way: begun or accepted, and not ended.</summary>
    Task<bool> HasOthersUnderWayAsync(ShardRow shard, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that the provider was asked to stop the provider batch that the shard names, if it still names it. Past the row's version: whoever
    /// polls it at this moment goes on.
    /// </summary>
    Task NoteCancelSentAsync(ShardRow shard, CancellationToken cancellationToken);

    /// <summary>Notes a double. Only ever adds; two workers that add at once both succeed.</summary>
    Task AddDoubleAsync(long shardId, string providerBatchId, CancellationToken cancellationToken);

    /// <summary>
    /// Applies results to entries that are <see cref="EntryStatus.Submitted"/> in the shard and stores their bodies, in one transaction that is
    /// fenced by the lease, which it renews. Entries that have moved on are left alone; usage and cost add up; the batch's counts follow.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease is held no longer.</exception>
    Task<AppliedResults> ApplyResultsAsync(
        ShardRow shard, string token, TimeSpan leaseDuration, IReadOnlyList<ResultRow> rows, CancellationToken cancellationToken);

    // Leases

    /// <summary>Prolongs a lease, if its token still holds it.</summary>
    Task<LeaseState> RenewLeaseAsync(LeaseKind kind, long id, string token, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Tokens of leases that have not run out, each once.</summary>
    Task<IReadOnlyList<string>> ListLeaseOwnersAsync(CancellationToken cancellationToken);

    // Sweeps

    /// <summary>
    /// Wins a page of overdue shards: those unread, free, and due for longer than the grace get a new generation and are due from now. Of two
    /// resumes at the same moment one wins a row.
    /// </summary>
    /// <param name="grace">How long a poll must be overdue.</param>
    /// <param name="deadOwners">Tokens whose holders are known to be dead.</param>
    /// <param name="after">Only larger ids.</param>
    /// <param name="limit">Rows looked at, at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Page<ResumedPoll>> ResumePollsAsync(
        TimeSpan grace, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Pending shards that are due, of batches that run and have come to their round.</summary>
    Task<Page<ShardRow>> FindSubmitsDueAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Shards whose submit was interrupted or whose reply was lost.</summary>
    Task<Page<ShardRow>> FindUnsettledAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Names of the providers of shards that are not read.</summary>
    Task<IReadOnlyList<string>> ListOpenProvidersAsync(CancellationToken cancellationToken);

    /// <summary>Unread shards of a provider that were accepted, or else planned, longer ago than an age.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="acceptedAge">Age since acceptance; null: none is old enough.</param>
    /// <param name="waitingAge">Age since planning, of shards that were never accepted.</param>
    /// <param name="after">Only larger ids.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Page<ShardRow>> FindOldShardsAsync(
        string provider, TimeSpan? acceptedAge, TimeSpan waitingAge, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Read shards whose files at the provider are due to be deleted.</summary>
    Task<Page<ShardRow>> FindUncleanedAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Running batches with no unread shard up to their round, and batches with a step that was begun: their next step was lost.</summary>
    Task<Page<long>> FindBetweenStepsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Finished batches whose handler is due and one of these, and whose lease is free.</summary>
    Task<Page<long>> FindDueDispatchesAsync(
        IReadOnlyCollection<string> handlers, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Notes on every finished batch whose handler is due and none of these that it waits for one, in one statement. Nothing else changes, the
    /// batch's version included: another process may know the handler, and run it at any moment.
    /// </summary>
    /// <param name="handlers">The handlers that this process knows.</param>
    /// <param name="overdue">How long a handler must be due before an error of its own is written over.</param>
    /// <param name="errorPrefix">What is noted; the handler's name follows.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many batches were noted, by handler; those that say so already are not.</returns>
    Task<IReadOnlyDictionary<string, int>> NoteUnknownHandlersAsync(
        IReadOnlyCollection<string> handlers, TimeSpan overdue, string errorPrefix, CancellationToken cancellationToken);

    /// <summary>
    /// What does not go on by itself: shards of running batches that are paused; finished batches whose handler has an error and no success, parked
    /// or not. Not what is being deleted.
    /// </summary>
    Task<TroubleCounts> CountTroubleAsync(CancellationToken cancellationToken);

    /// <summary>Batches that finished longer ago than an age and whose handler, if any, has succeeded.</summary>
    Task<Page<BatchRow>> FindPurgeableAsync(TimeSpan age, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Claims a run of a sweep for the whole cluster. False: it ran less than this long ago.</summary>
    Task<bool> TryClaimSweepAsync(string name, TimeSpan interval, CancellationToken cancellationToken);
}
