using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Storage.Sql;

internal abstract partial class SqlStore
{
    // Begun or accepted, and not read: what a shard may still cost, and takes of the queue.
    private const string UnderWay = "status IN ('submitting', 'unconfirmed', 'submitted', 'in_progress')";

    // How long a shard lets later ones pass that fit where it does not.
    private static readonly TimeSpan PatienceInQueue = TimeSpan.FromHours(1);

    // What of a shard's entries has no answer.
    private const string Open = "status IN ('pending', 'submitted')";

    /// <inheritdoc/>
    public Task<PlannedShard?> TryPlanShardAsync(BatchRow batch, NewShardRow shard, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            if (await ChangeAsync(db, batch, new BatchChange(), cancellationToken) is not { } fenced)
                return null;

            var planned = await InsertShardAsync(db, batch.Id, shard, cancellationToken);
            var assigned = await db.Command(
                $"""
                UPDATE offpeak_entries SET shard_id = @shard_id
                WHERE batch_id = @batch_id AND id >= @first AND id <= @last AND model = @model AND {Waiting};
                """)
                .Bind("shard_id", planned.Id).Bind("batch_id", batch.Id).Bind("first", shard.FirstEntryId).Bind("last", shard.LastEntryId)
                .Bind("model", shard.Model).ExecuteAsync(cancellationToken);
            return assigned == shard.EntryCount ? new PlannedShard(fenced, planned) : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<ShardRow?> FindShardAsync(long id, CancellationToken cancellationToken) => RunAsync(
        db => db.Command($"SELECT {SqlColumns.Shard} FROM offpeak_shards WHERE id = @id;").Bind("id", id)
            .FirstAsync(SqlColumns.ReadShard, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardRow>> ListShardsAsync(long batchId, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command($"SELECT {SqlColumns.Shard} FROM offpeak_shards WHERE batch_id = @batch_id ORDER BY round, number;").Bind("batch_id", batchId)
            .ListAsync(SqlColumns.ReadShard, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<ShardRow?> TryChangeShardAsync(ShardRow shard, ShardChange change, EntryChange? entries, CancellationToken cancellationToken) =>
        entries is null && change is { Doubles.IsSet: false, RequiresStillAllowed: false }
        ? RunAsync(db => ChangeAsync(db, shard, change, cancellationToken), cancellationToken)
        : RunInTransactionAsync(
            async db =>
            {
                await LockBatchAsync(db, shard.BatchId, cancellationToken);
                if (change.RequiresStillAllowed && await WhyNotAsync(db, shard, new SubmitLimits(shard.ReservedCost), cancellationToken) is not null)
                    return null;

                var changed = await ChangeAsync(db, shard, change, cancellationToken);
                if (changed is not null && entries is not null)
                    await ChangeEntriesAsync(db, shard, entries, cancellationToken);

                return changed;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<BeginResult> TryBeginSubmitAsync(ShardRow shard, ShardChange change, SubmitLimits limits, CancellationToken cancellationToken) =>
        RunInTransactionAsync(
            async db =>
            {
                if (await WhyNotAsync(db, shard, limits, cancellationToken) is { } refused)
                    return new BeginResult(refused);

                return await ChangeAsync(db, shard, change, cancellationToken) is { } begun
                    ? new BeginResult(BeginOutcome.Begun, begun)
                    : new BeginResult(BeginOutcome.Lost);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrySplitShardAsync(
        ShardRow shard, ShardChange change, IReadOnlyList<SubmissionKey> keys, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            await LockBatchAsync(db, shard.BatchId, cancellationToken);
            if (await ChangeAsync(db, shard, change, cancellationToken) is null)
                return false;

            await db.Command("UPDATE offpeak_shards SET entry_count = 0 WHERE id = @id;").Bind("id", shard.Id).ExecuteAsync(cancellationToken);
            var open = await db.Command($"SELECT count(*) FROM offpeak_entries WHERE shard_id = @id AND {Open};").Bind("id", shard.Id).NumberAsync(cancellationToken);
            if (open < 2)
                return false;

            var middle = await db.Command($"SELECT id FROM offpeak_entries WHERE shard_id = @id AND {Open} ORDER BY id LIMIT 1 OFFSET @half;")
                .Bind("id", shard.Id).Bind("half", open / 2).NumberAsync(cancellationToken);
            await MoveHalfAsync(db, shard, "id < @middle", middle, keys[0], cancellationToken);
            await MoveHalfAsync(db, shard, "id >= @middle", middle, keys[1], cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> HasOthersUnderWayAsync(ShardRow shard, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command($"SELECT count(*) FROM offpeak_shards WHERE provider = @provider AND model = @model AND id <> @id AND results_fetched_at IS NULL AND {UnderWay};")
            .Bind("provider", shard.Provider).Bind("model", shard.Model).Bind("id", shard.Id).NumberAsync(cancellationToken),
        cancellationToken) > 0;

    /// <inheritdoc/>
    public Task NoteCancelSentAsync(ShardRow shard, CancellationToken cancellationToken) => RunAsync(
        db => db.Command($"UPDATE offpeak_shards SET cancel_sent_at = {clock.Now} WHERE id = @id AND provider_batch_id = @provider_batch_id;")
            .Bind("id", shard.Id).Bind("provider_batch_id", shard.ProviderBatchId).ExecuteAsync(cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task AddDoubleAsync(long shardId, string providerBatchId, CancellationToken cancellationToken) => RunInTransactionAsync(
        db => AddDoublesAsync(db, shardId, [providerBatchId], cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AppliedResults> ApplyResultsAsync(
        ShardRow shard, string token, TimeSpan leaseDuration, IReadOnlyList<ResultRow> rows, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            if (await RenewAsync(db, "offpeak_shards", shard.Id, token, leaseDuration, cancellationToken) == 0)
                throw new LeaseLostException($"shard {shard.Id}");

            var applied = await ApplyRowsAsync(db, shard.Id, rows, cancellationToken);
            var sums = new BatchSums();
            var missed = new List<long>();
            for (var i = 0; i < rows.Count; i++)
            {
                if (applied[i])
                    sums.Add(rows[i]);
                else
                    missed.Add(rows[i].EntryId);
            }

            await AddToBatchAsync(db, shard.BatchId, sums, cancellationToken);
            return new AppliedResults(rows.Count - missed.Count, missed.Count - await CountOfBatchAsync(db, shard.BatchId, missed, cancellationToken));
        },
        cancellationToken);

    private static async Task<int> CountOfBatchAsync(SqlSession db, long batchId, List<long> entryIds, CancellationToken ct) => entryIds.Count == 0
        ? 0
        : (int)await db.Command($"SELECT count(*) FROM offpeak_entries WHERE batch_id = @batch_id AND id IN ({Ids(entryIds)});")
            .Bind("batch_id", batchId).NumberAsync(ct);

    private async Task<ShardRow?> ChangeAsync(SqlSession db, ShardRow shard, ShardChange change, CancellationToken ct)
    {
        var changed = await SetClause.Of(shard, change, clock).On(db, "offpeak_shards", SqlColumns.Shard).FirstAsync(SqlColumns.ReadShard, ct);
        return changed is not null && change.Doubles.IsSet
            ? changed with { Doubles = await AddDoublesAsync(db, shard.Id, change.Doubles.Value!, ct) }
            : changed;
    }

    // They are noted past the row's version, also by workers that have lost its lease: whoever adds some keeps those of the others.
    private async Task<IReadOnlyList<string>> AddDoublesAsync(SqlSession db, long shardId, IReadOnlyList<string> ids, CancellationToken ct)
    {
        var known = JsonColumn.ReadIds((string?)await db.Command($"SELECT doubles FROM offpeak_shards WHERE id = @id{ForUpdate};")
            .Bind("id", shardId).ScalarAsync(ct));
        IReadOnlyList<string> all = [.. known.Union(ids, StringComparer.Ordinal)];
        if (all.Count > known.Length)
        {
            await db.Command("UPDATE offpeak_shards SET doubles = @doubles WHERE id = @id;")
                .Bind("doubles", JsonColumn.WriteIds(all)).Bind("id", shardId).ExecuteAsync(ct);
        }

        return all;
    }

    private async Task ChangeEntriesAsync(SqlSession db, ShardRow shard, EntryChange change, CancellationToken ct)
    {
        var changed = await db.Command(
            $"""
            UPDATE offpeak_entries SET status = @to
                {(change.Code is null ? "" : ", error_code = @code")}{(change.Message is null ? "" : ", error_message = @message")}
                {(change.CountsAttempt ? ", attempts = attempts + 1" : "")}
                {(change is { To: EntryStatus.Pending, StaysInShard: false } ? ", shard_id = NULL" : "")}
            WHERE shard_id = @shard_id AND status = @from;
            """)
            .Bind("to", change.To.ToName()).Bind("from", change.From.ToName()).Bind("shard_id", shard.Id)
            .BindIf(change.Code is not null, "code", change.Code).BindIf(change.Message is not null, "message", change.Message).ExecuteAsync(ct);
        await AddToBatchAsync(db, shard.BatchId, new BatchSums().Move(change.From, change.To, changed), ct);
    }

    // Locks the batch, so that what it allows now it still allows when the change is written.
    private async Task<BeginOutcome?> WhyNotAsync(SqlSession db, ShardRow shard, SubmitLimits limits, CancellationToken ct)
    {
        var batch = await db.Command($"SELECT {SqlColumns.Batch} FROM offpeak_batches WHERE id = @id{ForUpdate};").Bind("id", shard.BatchId)
            .FirstAsync(SqlColumns.ReadBatch, ct);
        if (batch is not { Status: BatchStatus.Running, CancelRequestedAt: null, Step: null } || shard.Round > batch.Round)
            return BeginOutcome.Forbidden;

        if (batch.FallbackAt is { } deadline && deadline <= await NowAsync(db, ct))
            return BeginOutcome.Forbidden;

        if (batch.MaxCost is { } budget)
        {
            // It was given a budget since the shard was read: its cost was not asked for yet.
            if (limits.ReservedCost is not { } mine)
                return BeginOutcome.Lost;

            if (await WhyNotPaidAsync(db, batch, shard, budget, mine, ct) is { } unpaid)
                return unpaid;
        }

        return limits.MaxEnqueuedTokens is { } most && !await HasRoomAsync(db, shard, most, ct) ? BeginOutcome.NoRoom : null;
    }

    private async Task<DateTimeOffset> NowAsync(SqlSession db, CancellationToken ct) =>
        (await db.Command($"SELECT {clock.Now};").FirstAsync(row => new Moment(row.Time()), ct))!.Value;

    // What is under way has reserved what its input costs; what it will cost in the end is known once it is read. What was begun before there
    // was a budget has reserved nothing, and is waited for.
    private static async Task<BeginOutcome?> WhyNotPaidAsync(SqlSession db, BatchRow batch, ShardRow shard, decimal budget, decimal mine, CancellationToken ct)
    {
        var others = await db.Command(
            $"SELECT reserved_cost FROM offpeak_shards WHERE batch_id = @batch_id AND id <> @id AND results_fetched_at IS NULL AND status <> 'pending';")
            .Bind("batch_id", batch.Id).Bind("id", shard.Id).ListAsync(row => new Money(row.MoneyOrNull()), ct);
        var spent = batch.Cost ?? 0;
        if (spent < budget && others.TrueForAll(other => other.Value is not null) && spent + others.Sum(other => other.Value) + mine <= budget)
            return null;

        return spent >= budget || others.Count == 0 ? BeginOutcome.OverBudget : BeginOutcome.BudgetReserved;
    }

    private async Task<bool> HasRoomAsync(SqlSession db, ShardRow shard, long most, CancellationToken ct)
    {
        await LockQueueAsync(db, $"{shard.Provider}/{shard.Model}", ct);
        var taken = await db.Command(
            $"""
            SELECT coalesce(sum(enqueued_tokens), 0) FROM offpeak_shards
            WHERE provider = @provider AND model = @model AND id <> @id AND results_fetched_at IS NULL AND {UnderWay};
            """)
            .Bind("provider", shard.Provider).Bind("model", shard.Model).Bind("id", shard.Id).NumberAsync(ct);
        return (taken == 0 || taken + shard.EnqueuedTokens <= most) && !await HasEarlierWaitingAsync(db, shard, taken, most, ct);
    }

    // First come, first served, once it has waited: or smaller shards would pass a large one for ever. One that nobody has tried for as long
    // stands in no queue, and one that the provider itself has refused holds up nobody while it waits to try again.
    private async Task<bool> HasEarlierWaitingAsync(SqlSession db, ShardRow shard, long taken, long most, CancellationToken ct) => await db.Command(
        $"""
        SELECT count(*) FROM offpeak_shards
        WHERE provider = @provider AND model = @model AND id < @id AND results_fetched_at IS NULL AND status = 'pending' AND trouble_class = 'capacity'
            AND planned_at <= {clock.After("@waited")} AND next_submit_at > {clock.After("@waited")}
            AND (next_submit_at <= {clock.Now} OR (@taken > 0 AND @taken + enqueued_tokens > @most))
            AND EXISTS (SELECT 1 FROM offpeak_batches b WHERE b.id = batch_id AND b.status = 'running' AND b.cancel_requested_at IS NULL);
        """)
        .Bind("provider", shard.Provider).Bind("model", shard.Model).Bind("id", shard.Id).Bind("taken", taken).Bind("most", most)
        .BindAfter("waited", -PatienceInQueue).NumberAsync(ct) > 0;

    private async Task MoveHalfAsync(SqlSession db, ShardRow whole, string which, long middle, SubmissionKey key, CancellationToken ct)
    {
        var half = (await db.Command($"SELECT min(id), max(id), cast(count(*) AS integer), coalesce(sum(request_bytes), 0) FROM offpeak_entries WHERE shard_id = @id AND {Open} AND {which};")
            .Bind("id", whole.Id).Bind("middle", middle)
            .FirstAsync(row => new Half(row.Long(), row.Long(), row.Int(), row.Long()), ct))!;
        var shard = await InsertShardAsync(
            db,
            whole.BatchId,
            new NewShardRow
            {
                Round = whole.Round,
                Provider = whole.Provider,
                Model = whole.Model,
                Endpoint = whole.Endpoint,
                IsFallback = whole.IsFallback,
                SubmissionKey = key,
                FirstEntryId = half.First,
                LastEntryId = half.Last,
                EntryCount = half.Count,
                BodyBytes = half.Bytes,
                EnqueuedTokens = Codec.TokenEstimate.FromBytes(half.Bytes).Tokens,
            },
            ct);
        await db.Command($"UPDATE offpeak_entries SET shard_id = @new_id, status = 'pending' WHERE shard_id = @id AND {Open} AND {which};")
            .Bind("new_id", shard.Id).Bind("id", whole.Id).Bind("middle", middle).ExecuteAsync(ct);
    }

    private async Task<ShardRow> InsertShardAsync(SqlSession db, long batchId, NewShardRow shard, CancellationToken ct) => (await db.Command(
        $"""
        INSERT INTO offpeak_shards (batch_id, round, number, provider, model, endpoint, is_fallback, status, submission_key, entry_count, body_bytes,
            enqueued_tokens, submit_attempts, lost_creates, planned_at, poll_attempt, poll_generation, fault_count, trouble_paused, malformed_count,
            unknown_count, duplicate_count, conflict_count, version)
        VALUES (@batch_id, @round, (SELECT coalesce(max(number), 0) + 1 FROM offpeak_shards WHERE batch_id = @batch_id AND round = @round), @provider,
            @model, @endpoint, @is_fallback, 'pending', @submission_key, @entry_count, @body_bytes, @enqueued_tokens, 0, 0, {clock.Now}, 0, 0, 0, FALSE,
            0, 0, 0, 0, 0)
        RETURNING {SqlColumns.Shard};
        """)
        .Bind("batch_id", batchId).Bind("round", shard.Round).Bind("provider", shard.Provider).Bind("model", shard.Model)
        .Bind("endpoint", shard.Endpoint.Path).Bind("is_fallback", shard.IsFallback).Bind("submission_key", shard.SubmissionKey.Value)
        .Bind("entry_count", shard.EntryCount).Bind("body_bytes", shard.BodyBytes).Bind("enqueued_tokens", shard.EnqueuedTokens)
        .FirstAsync(SqlColumns.ReadShard, ct))!;

    private sealed record Half(long First, long Last, int Count, long Bytes);
}
