using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Simulation.Cloud;
using Offpeak.Simulation.World;
using Offpeak.Storage;

namespace Offpeak.Simulation.Store;

/// <summary>
/// One process's way to the store: before and after every verb others may go on, the process may be suspended or end, and the verb may fail,
/// before or after it has taken effect.
/// </summary>
internal sealed class FaultyStore(IOffpeakStore inner, World.Simulation world, SimProcess process) : IOffpeakStore
{
    /// <summary>Every verb that can fail, by name.</summary>
    public static IReadOnlyList<string> Verbs { get; } =
        [.. typeof(IOffpeakStore).GetMethods().Select(method => method.Name).Except([nameof(In)]).Distinct().Order(StringComparer.Ordinal)];

    // Verbs of rare moments fail more often than those of every step: otherwise they hardly ever would.
    private static readonly HashSet<string> Common =
    [
        nameof(FindBatchAsync), nameof(FindShardAsync), nameof(TryChangeShardAsync), nameof(ListShardsAsync),
        nameof(ResumePollsAsync), nameof(FindSubmitsDueAsync), nameof(FindUnsettledAsync), nameof(FindBetweenStepsAsync), nameof(FindDueDispatchesAsync),
        nameof(NoteUnknownHandlersAsync), nameof(ListLeaseOwnersAsync), nameof(TryClaimSweepAsync), nameof(ReadShardRequestsAsync),
        nameof(GetTimeAsync),
    ];

    private static readonly HashSet<string> Rarest = [nameof(AddDoubleAsync), nameof(DeleteBatchAsync), nameof(NoteCancelSentAsync), nameof(TryFailTurnAsync), nameof(TrySaveTurnAsync), nameof(TrySplitShardAsync)];

    private static readonly HashSet<string> Rare =
    [
        nameof(HasOthersUnderWayAsync), nameof(ReadTurnsAsync), nameof(StepEntriesAsync), nameof(RequestCancelAsync),
        nameof(TryCompleteDispatchAsync), nameof(ReadReviewsAsync), nameof(CountEntriesAsync), nameof(FindPurgeableAsync), nameof(AddEntriesAsync),
        nameof(TryCreateBatchAsync), nameof(ReadRequestsAsync),
    ];

    public Task<TroubleCounts> CountTroubleAsync(CancellationToken cancellationToken) => RunAsync(() => inner.CountTroubleAsync(cancellationToken));

    public Task<IReadOnlyList<EntryErrorCount>> CountErrorsAsync(long batchId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.CountErrorsAsync(batchId, cancellationToken));

    public Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken) => RunAsync(() => inner.FindTablesAsync(cancellationToken));

    public Task MigrateAsync(CancellationToken cancellationToken) => RunAsync(() => inner.MigrateAsync(cancellationToken));

    public IOffpeakStore In(DbTransaction transaction) => new FaultyStore(inner.In(transaction), world, process);

    public Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => RunAsync(() => inner.GetTimeAsync(cancellationToken));

    public Task<BatchRow?> TryCreateBatchAsync(BatchRow batch, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryCreateBatchAsync(batch, cancellationToken));

    public Task<BatchRow?> FindBatchAsync(long id, CancellationToken cancellationToken) => RunAsync(() => inner.FindBatchAsync(id, cancellationToken));

    public Task<BatchRow?> FindBatchByInputKeyAsync(string inputKey, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindBatchByInputKeyAsync(inputKey, cancellationToken));

    public Task ReleaseInputKeyAsync(string inputKey, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReleaseInputKeyAsync(inputKey, cancellationToken));

    public Task<IReadOnlyList<BatchRow>> ListBatchesAsync(BatchQuery query, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ListBatchesAsync(query, cancellationToken));

    public Task<BatchRow?> TryChangeBatchAsync(BatchRow batch, BatchChange change, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryChangeBatchAsync(batch, change, cancellationToken));

    public Task<BatchRow?> RequestCancelAsync(long batchId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.RequestCancelAsync(batchId, cancellationToken));

    public Task<bool> TryCompleteDispatchAsync(BatchRow batch, string token, DbTransaction? transaction, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryCompleteDispatchAsync(batch, token, transaction, cancellationToken));

    public Task DeleteBatchAsync(BatchRow batch, CancellationToken cancellationToken) => RunAsync(() => inner.DeleteBatchAsync(batch, cancellationToken));

    public Task AddEntriesAsync(long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken cancellationToken) =>
        RunAsync(() => inner.AddEntriesAsync(batchId, rows, cancellationToken));

    public Task<EntryCounts> CountEntriesAsync(long batchId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.CountEntriesAsync(batchId, cancellationToken));

    public Task<IReadOnlyList<WaitingEntryRow>> ReadWaitingAsync(long batchId, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadWaitingAsync(batchId, after, limit, cancellationToken));

    public Task<IReadOnlyList<EntryBodyRow>> ReadRequestsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadRequestsAsync(batchId, after, maxBytes, cancellationToken));

    public Task<IReadOnlyList<EntryBodyRow>> ReadShardRequestsAsync(
        ShardRow shard, bool onlyOpen, long after, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadShardRequestsAsync(shard, onlyOpen, after, maxBytes, cancellationToken));

    public Task<long> SumEntryIdLengthsAsync(long shardId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.SumEntryIdLengthsAsync(shardId, cancellationToken));

    public Task<IReadOnlyList<EntryResultRow>> ReadResultsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadResultsAsync(batchId, after, maxBytes, cancellationToken));

    public Task<IReadOnlyList<EntryReview>> ReadReviewsAsync(
        IReadOnlyList<long> entryIds, bool withRequests, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadReviewsAsync(entryIds, withRequests, maxBytes, cancellationToken));

    public Task<int> CountCutOffAsync(long batchId, CancellationToken cancellationToken) => RunAsync(() => inner.CountCutOffAsync(batchId, cancellationToken));

    public Task<int> CountTurnsAsync(long batchId, EntryContinuation? only, CancellationToken cancellationToken) =>
        RunAsync(() => inner.CountTurnsAsync(batchId, only, cancellationToken));

    public Task<IReadOnlyList<EntryTurn>> ReadTurnsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ReadTurnsAsync(batchId, after, maxBytes, cancellationToken));

    public Task<bool> TrySaveTurnAsync(EntryTurn turn, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TrySaveTurnAsync(turn, body, cancellationToken));

    public Task<bool> TryFailTurnAsync(EntryTurn turn, string code, string message, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryFailTurnAsync(turn, code, message, cancellationToken));

    public Task<long?> StepEntriesAsync(BatchRow batch, EntryChange? change, string? fallbackModel, long after, CancellationToken cancellationToken) =>
        RunAsync(() => inner.StepEntriesAsync(batch, change, fallbackModel, after, cancellationToken));

    public Task<PlannedShard?> TryPlanShardAsync(BatchRow batch, NewShardRow shard, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryPlanShardAsync(batch, shard, cancellationToken));

    public Task<ShardRow?> FindShardAsync(long id, CancellationToken cancellationToken) => RunAsync(() => inner.FindShardAsync(id, cancellationToken));

    public Task<IReadOnlyList<ShardRow>> ListShardsAsync(long batchId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ListShardsAsync(batchId, cancellationToken));

    public Task<ShardRow?> TryChangeShardAsync(ShardRow shard, ShardChange change, EntryChange? entries, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryChangeShardAsync(shard, change, entries, cancellationToken));

    public Task<BeginResult> TryBeginSubmitAsync(ShardRow shard, ShardChange change, SubmitLimits limits, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryBeginSubmitAsync(shard, change, limits, cancellationToken));

    public Task<bool> TrySplitShardAsync(ShardRow shard, ShardChange change, IReadOnlyList<SubmissionKey> keys, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TrySplitShardAsync(shard, change, keys, cancellationToken));

    public Task<bool> HasOthersUnderWayAsync(ShardRow shard, CancellationToken cancellationToken) =>
        RunAsync(() => inner.HasOthersUnderWayAsync(shard, cancellationToken));

    public Task NoteCancelSentAsync(ShardRow shard, CancellationToken cancellationToken) =>
        RunAsync(() => inner.NoteCancelSentAsync(shard, cancellationToken));

    public Task AddDoubleAsync(long shardId, string providerBatchId, CancellationToken cancellationToken) =>
        RunAsync(() => inner.AddDoubleAsync(shardId, providerBatchId, cancellationToken));

    public Task<AppliedResults> ApplyResultsAsync(
        ShardRow shard, string token, TimeSpan leaseDuration, IReadOnlyList<ResultRow> rows, CancellationToken cancellationToken) => RunAsync(() =>
    {
        if (rows.Any(row => Encoding.UTF8.GetString(row.Result.Body.Span).Contains(SimCloud.Poison, StringComparison.Ordinal)))
            throw new SimulatedFaultException("The store cannot hold this answer.");

        return inner.ApplyResultsAsync(shard, token, leaseDuration, rows, cancellationToken);
    });

    public Task<LeaseState> RenewLeaseAsync(LeaseKind kind, long id, string token, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(() => inner.RenewLeaseAsync(kind, id, token, duration, cancellationToken));

    public Task<IReadOnlyList<string>> ListLeaseOwnersAsync(CancellationToken cancellationToken) => RunAsync(() => inner.ListLeaseOwnersAsync(cancellationToken));

    public Task<Page<ResumedPoll>> ResumePollsAsync(
        TimeSpan grace, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.ResumePollsAsync(grace, deadOwners, after, limit, cancellationToken));

    public Task<Page<ShardRow>> FindSubmitsDueAsync(long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindSubmitsDueAsync(after, limit, cancellationToken));

    public Task<Page<ShardRow>> FindUnsettledAsync(long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindUnsettledAsync(after, limit, cancellationToken));

    public Task<IReadOnlyList<string>> ListOpenProvidersAsync(CancellationToken cancellationToken) =>
        RunAsync(() => inner.ListOpenProvidersAsync(cancellationToken));

    public Task<Page<ShardRow>> FindOldShardsAsync(
        string provider, TimeSpan? acceptedAge, TimeSpan waitingAge, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindOldShardsAsync(provider, acceptedAge, waitingAge, after, limit, cancellationToken));

    public Task<Page<ShardRow>> FindUncleanedAsync(long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindUncleanedAsync(after, limit, cancellationToken));

    public Task<Page<long>> FindBetweenStepsAsync(long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindBetweenStepsAsync(after, limit, cancellationToken));

    public Task<Page<long>> FindDueDispatchesAsync(
        IReadOnlyCollection<string> handlers, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindDueDispatchesAsync(handlers, deadOwners, after, limit, cancellationToken));

    public Task<IReadOnlyDictionary<string, int>> NoteUnknownHandlersAsync(
        IReadOnlyCollection<string> handlers, TimeSpan overdue, string errorPrefix, CancellationToken cancellationToken) =>
        RunAsync(() => inner.NoteUnknownHandlersAsync(handlers, overdue, errorPrefix, cancellationToken));

    public Task<Page<BatchRow>> FindPurgeableAsync(TimeSpan age, long after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindPurgeableAsync(age, after, limit, cancellationToken));

    public Task<bool> TryClaimSweepAsync(string name, TimeSpan interval, CancellationToken cancellationToken) =>
        RunAsync(() => inner.TryClaimSweepAsync(name, interval, cancellationToken));

    private Task<bool> RunAsync(Func<Task> call, [CallerMemberName] string verb = "") => RunAsync(
        async () =>
        {
            await call();
            return true;
        },
        verb);

    private async Task<T> RunAsync<T>(Func<Task<T>> call, [CallerMemberName] string verb = "")
    {
        process.ThrowIfDead();
        world.Pause(process);
        process.ThrowIfDead();
        var isChosen = ++world.StoreCalls == world.Plan.FailingStoreCall;
        Break(verb, Fault.CrashAtStore, Fault.StoreFailsBefore, isChosen && !world.Plan.FailsAfterEffect);
        var result = await call();
        Break(verb, Fault.CrashAfterStore, Fault.StoreFailsAfter, isChosen && world.Plan.FailsAfterEffect);
        world.Pause(process);
        process.ThrowIfDead();
        return result;
    }

    private void Break(string verb, Fault crash, Fault failure, bool isChosen)
    {
        var often = Common.Contains(verb) ? 1 : Rarest.Contains(verb) ? 2_000 : Rare.Contains(verb) ? 80 : 15;
        if (world.Happens(crash, Math.Min(often, 10)))
            process.Crash();

        if (!isChosen && !world.Happens(failure, often))
            return;

        world.Coverage.Count(verb, failure);
        throw new OffpeakException(OffpeakErrorCode.Database, $"Simulated: {verb} failed.");
    }
}
