using System.Data.Common;
using Offpeak.Batches;

namespace Offpeak.Storage.Sql;

internal abstract partial class SqlStore
{
    /// <inheritdoc/>
    public virtual async Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) =>
        (await RunAsync(db => db.Command($"SELECT {clock.Now};").FirstAsync(row => new Moment(row.Time()), cancellationToken), cancellationToken))!.Value;

    /// <inheritdoc/>
    public Task<BatchRow?> TryCreateBatchAsync(BatchRow batch, CancellationToken cancellationToken) => RunAsync(
        db => db.Command(
            $"""
            INSERT INTO offpeak_batches (name, provider, model, endpoint, status, metadata, handler, input_key, max_cost, max_rounds, rounds_given, max_turns,
                max_answer_retries, validates_answers, canary, fallback_model, fallback_after, round, entry_count, succeeded_count, failed_count,
                canceled_count, expired_count, created_at, dispatch_attempt, version)
            VALUES (@name, @provider, @model, @endpoint, @status, @metadata, @handler, @input_key, @max_cost, @max_rounds, @rounds_given, @max_turns,
                @max_answer_retries, @validates_answers, @canary, @fallback_model, @fallback_after, 0, 0, 0, 0, 0, 0, {clock.Now}, 0, 0)
            ON CONFLICT (input_key) DO NOTHING
            RETURNING {SqlColumns.Batch};
            """)
            .Bind("name", batch.Name).Bind("provider", batch.Provider).Bind("model", batch.Model).Bind("endpoint", batch.Endpoint.Path)
            .Bind("status", batch.Status.ToName()).Bind("metadata", JsonColumn.WritePairs(batch.Metadata)).Bind("handler", batch.Handler)
            .Bind("input_key", batch.InputKey).Bind("max_cost", batch.MaxCost).Bind("max_rounds", batch.MaxRounds).Bind("rounds_given", batch.RoundsGiven).Bind("max_turns", batch.MaxTurns)
            .Bind("max_answer_retries", batch.MaxAnswerRetries).Bind("validates_answers", batch.ValidatesAnswers).Bind("canary", batch.Canary)
            .Bind("fallback_model", batch.FallbackModel).Bind("fallback_after", batch.FallbackAfter)
            .FirstAsync(SqlColumns.ReadBatch, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<BatchRow?> FindBatchAsync(long id, CancellationToken cancellationToken) => RunAsync(
        db => db.Command($"SELECT {SqlColumns.Batch} FROM offpeak_batches WHERE id = @id;").Bind("id", id)
            .FirstAsync(SqlColumns.ReadBatch, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<BatchRow?> FindBatchByInputKeyAsync(string inputKey, CancellationToken cancellationToken) => RunAsync(
        db => db.Command($"SELECT {SqlColumns.Batch} FROM offpeak_batches WHERE input_key = @input_key;").Bind("input_key", inputKey)
            .FirstAsync(SqlColumns.ReadBatch, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseInputKeyAsync(string inputKey, CancellationToken cancellationToken) => RunAsync(
        db => db.Command("UPDATE offpeak_batches SET input_key = NULL, version = version + 1 WHERE input_key = @input_key;")
            .Bind("input_key", inputKey).ExecuteAsync(cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BatchRow>> ListBatchesAsync(BatchQuery query, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            SELECT {SqlColumns.Batch} FROM offpeak_batches
            WHERE id < @before AND {SetClause.NotDeleting}{(query.Status is null ? "" : " AND status = @status")}
            ORDER BY id DESC LIMIT @limit;
            """)
            .Bind("before", query.Before ?? long.MaxValue).Bind("limit", query.Limit).BindIf(query.Status is not null, "status", query.Status?.ToName())
            .ListAsync(SqlColumns.ReadBatch, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<BatchRow?> TryChangeBatchAsync(BatchRow batch, BatchChange change, CancellationToken cancellationToken) => change.CancelsPendingShards
        ? RunInTransactionAsync(
            async db =>
            {
                var changed = await ChangeAsync(db, batch, change, cancellationToken);
                if (changed is not null)
                    await CancelPendingAsync(db, batch.Id, cancellationToken);

                return changed;
            },
            cancellationToken)
        : RunAsync(db => ChangeAsync(db, batch, change, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<BatchRow?> RequestCancelAsync(long batchId, CancellationToken cancellationToken) => RunAsync(
        async db => await db.Command(
            $"""
            UPDATE offpeak_batches SET cancel_requested_at = {clock.Now}, version = version + 1
            WHERE id = @id AND cancel_requested_at IS NULL AND status IN ('building', 'running') AND {SetClause.NotDeleting}
            RETURNING {SqlColumns.Batch};
            """).Bind("id", batchId).FirstAsync(SqlColumns.ReadBatch, cancellationToken)
            ?? await db.Command($"SELECT {SqlColumns.Batch} FROM offpeak_batches WHERE id = @id;").Bind("id", batchId)
                .FirstAsync(SqlColumns.ReadBatch, cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> TryCompleteDispatchAsync(BatchRow batch, string token, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        if (transaction is not null)
            return await In(transaction).TryCompleteDispatchAsync(batch, token, transaction: null, cancellationToken);

        // What another run has marked is done, but not by this one: its transaction must not commit.
        return await RunAsync(
            async db => await db.Command(
                $"""
                UPDATE offpeak_batches SET handler_dispatched_at = {clock.Now}, next_dispatch_at = NULL, dispatch_error = NULL,
                    lease_owner = NULL, lease_until = NULL, version = version + 1
                WHERE id = @id AND lease_owner = @token AND dispatch_id = @dispatch_id AND handler_dispatched_at IS NULL;
                """).Bind("id", batch.Id).Bind("token", token).Bind("dispatch_id", batch.DispatchId).ExecuteAsync(cancellationToken) > 0
                || (Lent is null
                    && await db.Command("SELECT count(*) FROM offpeak_batches WHERE id = @id AND dispatch_id = @dispatch_id AND handler_dispatched_at IS NOT NULL;")
                        .Bind("id", batch.Id).Bind("dispatch_id", batch.DispatchId).NumberAsync(cancellationToken) > 0),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteBatchAsync(BatchRow batch, CancellationToken cancellationToken) => RunAsync(
        db => db.Command("DELETE FROM offpeak_batches WHERE id = @id AND version = @version AND step = 'delete' AND NOT EXISTS (SELECT 1 FROM offpeak_entries WHERE batch_id = @id);")
            .Bind("id", batch.Id).Bind("version", batch.Version).ExecuteAsync(cancellationToken),
        cancellationToken);

    private Task<BatchRow?> ChangeAsync(SqlSession db, BatchRow batch, BatchChange change, CancellationToken ct) =>
        SetClause.Of(batch, change, clock).On(db, "offpeak_batches", SqlColumns.Batch).FirstAsync(SqlColumns.ReadBatch, ct);

    // What their attempts may have left at the provider is cleaned up later.
    private Task<int> CancelPendingAsync(SqlSession db, long batchId, CancellationToken ct) => db.Command(
        $"""
        UPDATE offpeak_shards SET status = 'canceled', ended_at = {clock.Now}, results_fetched_at = {clock.Now}, next_submit_at = NULL,
            next_clean_up_at = CASE WHEN journal IS NOT NULL OR first_create_at IS NOT NULL THEN {clock.Now} END, version = version + 1
        WHERE batch_id = @batch_id AND status = 'pending';
        """).Bind("batch_id", batchId).ExecuteAsync(ct);

    /// <summary>Locks a batch before rows of it are, where somebody else may lock them in the other order.</summary>
    private Task LockBatchAsync(SqlSession db, long batchId, CancellationToken ct) => ForUpdate.Length == 0
        ? Task.CompletedTask
        : db.Command($"SELECT id FROM offpeak_batches WHERE id = @id{ForUpdate};").Bind("id", batchId).ScalarAsync(ct);

    /// <summary>Adds to a batch's counts and sums, in the transaction in which its entries change. They are no part of its version.</summary>
    private async Task AddToBatchAsync(SqlSession db, long batchId, BatchSums sums, CancellationToken ct)
    {
        if (sums.IsEmpty)
            return;

        decimal? cost = null;
        if (sums.Cost is { } added)
        {
            var before = await db.Command($"SELECT cost FROM offpeak_batches WHERE id = @id{ForUpdate};").Bind("id", batchId)
                .FirstAsync(row => new Money(row.MoneyOrNull()), ct);
            cost = (before?.Value ?? 0) + added;
        }

        await db.Command(
            $"""
            UPDATE offpeak_batches SET succeeded_count = succeeded_count + @succeeded, failed_count = failed_count + @failed,
                canceled_count = canceled_count + @canceled, expired_count = expired_count + @expired
                {(sums.InputTokens is null ? "" : ", input_tokens = coalesce(input_tokens, 0) + @input_tokens")}
                {(sums.OutputTokens is null ? "" : ", output_tokens = coalesce(output_tokens, 0) + @output_tokens")}
                {(cost is null ? "" : ", cost = @cost")}
            WHERE id = @id;
            """)
            .Bind("id", batchId).Bind("succeeded", sums.Of(EntryStatus.Succeeded)).Bind("failed", sums.Of(EntryStatus.Failed))
            .Bind("canceled", sums.Of(EntryStatus.Canceled)).Bind("expired", sums.Of(EntryStatus.Expired))
            .BindIf(sums.InputTokens is not null, "input_tokens", sums.InputTokens).BindIf(sums.OutputTokens is not null, "output_tokens", sums.OutputTokens)
            .BindIf(cost is not null, "cost", cost)
            .ExecuteAsync(ct);
    }

    private sealed record Moment(DateTimeOffset Value);

    private sealed record Money(decimal? Value);
}

/// <summary>What changes on a batch's counts and sums when its entries change.</summary>
internal sealed class BatchSums
{
    private readonly int[] counts = new int[Enum.GetValues<EntryStatus>().Length];

    public long? InputTokens { get; private set; }

    public long? OutputTokens { get; private set; }

    public decimal? Cost { get; private set; }

    public bool IsEmpty => InputTokens is null && OutputTokens is null && Cost is null && counts.All(count => count == 0);

    public int Of(EntryStatus status) => counts[(int)status];

    public BatchSums Move(EntryStatus from, EntryStatus to, int count)
    {
        if (from.IsTerminal())
            counts[(int)from] -= count;

        if (to.IsTerminal())
            counts[(int)to] += count;

        return this;
    }

    public void Add(ResultRow row)
    {
        Move(EntryStatus.Submitted, row.Status, 1);
        if (row.Result.Usage is { } usage)
        {
            InputTokens = (InputTokens ?? 0) + usage.InputTokens;
            OutputTokens = (OutputTokens ?? 0) + usage.OutputTokens;
        }

        if (row.Cost is { } cost)
            Cost = (Cost ?? 0) + cost;
    }
}
