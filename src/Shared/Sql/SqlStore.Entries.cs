using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Storage.Sql;

internal abstract partial class SqlStore
{
    private const int PageRows = 500;

    // The column of the request that is sent next: the conversation's next turn, or the first request in the words of whom it goes to.
    private static string NextColumn(bool isFallback) => $"CASE WHEN r.next_body IS NULL THEN '{(isFallback ? "fallback_body" : "body")}' ELSE 'next_body' END";

    // What that column holds.
    private static string NextBody(string isFallback) => $"coalesce(r.next_body, CASE WHEN {isFallback} THEN r.fallback_body ELSE r.body END)";

    private const string Waiting = "status = 'pending' AND shard_id IS NULL AND continuation IS NULL";

    /// <inheritdoc/>
    public Task AddEntriesAsync(long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            var building = await db.Command(
                """
                UPDATE offpeak_batches SET entry_count = entry_count + @added, validates_answers = (validates_answers OR @validates), version = version + 1
                WHERE id = @id AND status = 'building' AND cancel_requested_at IS NULL AND step IS NULL;
                """)
                .Bind("id", batchId).Bind("added", rows.Count).Bind("validates", rows.Any(row => row.ValidatesAnswer)).ExecuteAsync(cancellationToken);
            if (building == 0)
                throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} takes no more entries: it was already submitted or does not exist.");

            await InsertEntriesAsync(db, batchId, rows, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<EntryCounts> CountEntriesAsync(long batchId, CancellationToken cancellationToken) => RunAsync(
        async db =>
        {
            var counts = (await db.Command("SELECT status, cast(count(*) AS integer) FROM offpeak_entries WHERE batch_id = @batch_id GROUP BY status;")
                .Bind("batch_id", batchId).ListAsync(row => (Status: row.Status<EntryStatus>(), Count: row.Int()), cancellationToken))
                .ToDictionary(row => row.Status, row => row.Count);
            int Of(EntryStatus status) => counts.GetValueOrDefault(status);
            return new EntryCounts(
                Of(EntryStatus.Pending), Of(EntryStatus.Submitted), Of(EntryStatus.Succeeded),
                Of(EntryStatus.Failed), Of(EntryStatus.Canceled), Of(EntryStatus.Expired));
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EntryErrorCount>> CountErrorsAsync(long batchId, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            """
            SELECT error_code, cast(count(*) AS integer) AS entries, min(error_message) FROM offpeak_entries
            WHERE batch_id = @batch_id AND status IN ('failed', 'canceled', 'expired') AND error_code IS NOT NULL
            GROUP BY error_code ORDER BY entries DESC, error_code;
            """).Bind("batch_id", batchId).ListAsync(row => new EntryErrorCount(row.Text(), row.Int(), row.TextOrNull()), cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<int> CountCutOffAsync(long batchId, CancellationToken cancellationToken) => checked((int)await RunAsync(
        db => db.Command("SELECT count(*) FROM offpeak_entries WHERE batch_id = @batch_id AND status = 'succeeded' AND finish_reason = @reason;")
            .Bind("batch_id", batchId).Bind("reason", FinishReasons.Length).NumberAsync(cancellationToken),
        cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WaitingEntryRow>> ReadWaitingAsync(
        long batchId, long after, int limit, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            SELECT id, model, request_bytes FROM offpeak_entries
            WHERE batch_id = @batch_id AND id > @after AND {Waiting}
            ORDER BY id LIMIT @limit;
            """)
            .Bind("batch_id", batchId).Bind("after", after).Bind("limit", limit)
            .ListAsync(row => new WaitingEntryRow(row.Long(), row.Text(), row.Int()), cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntryBodyRow>> ReadRequestsAsync(long batchId, long after, long maxBytes, CancellationToken cancellationToken) =>
        ReadBodiesAsync(
            PageOf("e.batch_id = @key", Length("r.body"), "JOIN offpeak_entry_requests r ON r.entry_id = e.id"), batchId, OrColumn("r.body", "'body'", Length("r.body")), after, maxBytes, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EntryBodyRow>> ReadShardRequestsAsync(
        ShardRow shard, bool onlyOpen, long after, long maxBytes, CancellationToken cancellationToken) => ReadBodiesAsync(
        PageOf(onlyOpen ? "e.shard_id = @key AND e.status = 'submitted'" : "e.shard_id = @key", "e.request_bytes", ""),
        shard.Id,
        OrColumn(NextBody(shard.IsFallback ? "TRUE" : "FALSE"), NextColumn(shard.IsFallback), "e.request_bytes"),
        after,
        maxBytes,
        cancellationToken);

    /// <inheritdoc/>
    public Task<long> SumEntryIdLengthsAsync(long shardId, CancellationToken cancellationToken) => RunAsync(
        db => db.Command("SELECT coalesce(sum(length(cast(id AS TEXT))), 0) FROM offpeak_entries WHERE shard_id = @shard_id;")
            .Bind("shard_id", shardId).NumberAsync(cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EntryResultRow>> ReadResultsAsync(
        long batchId, long after, long maxBytes, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            SELECT {SqlColumns.Entry}, r.body, coalesce(p.is_fallback, FALSE)
            FROM offpeak_entries e
            LEFT JOIN offpeak_entry_results r ON r.entry_id = e.id
            LEFT JOIN offpeak_shards p ON p.id = e.shard_id
            WHERE e.id IN ({PageOf("e.batch_id = @key", $"coalesce({Length("r.body")}, 0)", "LEFT JOIN offpeak_entry_results r ON r.entry_id = e.id")})
            ORDER BY e.id;
            """)
            .Bind("key", batchId).Bind("after", after).Bind("max_bytes", maxBytes)
            .ListAsync(row => new EntryResultRow(SqlColumns.ReadEntry(row), row.BytesOrNull() ?? [], row.Flag()), cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EntryReview>> ReadReviewsAsync(
        IReadOnlyList<long> entryIds, bool withRequests, long maxBytes, CancellationToken cancellationToken)
    {
        if (entryIds.Count == 0)
            return [];

        var wanted = withRequests ? "TRUE" : "e.validates_answer";
        return await RunAsync(
            db => db.Command(
                $"""
                SELECT e.id, e.turn, e.answer_retries, e.output_raised,
                    CASE WHEN {wanted} THEN {NextBody("coalesce(p.is_fallback, FALSE)")} END
                FROM offpeak_entries e
                JOIN offpeak_entry_requests r ON r.entry_id = e.id
                LEFT JOIN offpeak_shards p ON p.id = e.shard_id
                WHERE e.id IN ({PageOf($"e.id IN ({Ids(entryIds.Take(PageRows))})", $"CASE WHEN {wanted} THEN e.request_bytes ELSE 0 END", "")})
                ORDER BY e.id;
                """)
                .Bind("after", 0L).Bind("max_bytes", maxBytes)
                .ListAsync(row => new EntryReview(row.Long(), row.Int(), row.Int(), row.Flag(), row.BytesOrNull() is { } body ? (ReadOnlyMemory<byte>?)body : null), cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> CountTurnsAsync(long batchId, EntryContinuation? only, CancellationToken cancellationToken) => checked((int)await RunAsync(
        db => db.Command(
            $"""
            SELECT count(*) FROM offpeak_entries
            WHERE batch_id = @batch_id AND continuation {(only is null ? "IS NOT NULL" : "= @continuation")} AND status = 'pending';
            """)
            .Bind("batch_id", batchId).BindIf(only is not null, "continuation", only is { } one ? StatusNames.Name(one) : null).NumberAsync(cancellationToken),
        cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EntryTurn>> ReadTurnsAsync(
        long batchId, long after, long maxBytes, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            SELECT e.id, e.custom_id, e.turn, e.continuation, e.error_message, {NextBody("b.fallback_since IS NOT NULL")}, a.body,
                e.answer_retries, e.output_raised
            FROM offpeak_entries e
            JOIN offpeak_batches b ON b.id = e.batch_id
            JOIN offpeak_entry_requests r ON r.entry_id = e.id
            LEFT JOIN offpeak_entry_results a ON a.entry_id = e.id
            WHERE e.id IN ({PageOf(
                "e.batch_id = @key AND e.continuation IS NOT NULL AND e.status = 'pending'",
                $"e.request_bytes + coalesce({Length("r.body")}, 0)",
                "LEFT JOIN offpeak_entry_results r ON r.entry_id = e.id")})
            ORDER BY e.id;
            """)
            .Bind("key", batchId).Bind("after", after).Bind("max_bytes", maxBytes)
            .ListAsync(
                row => new EntryTurn(
                    row.Long(), row.Text(), row.Int(), row.Status<EntryContinuation>(), row.TextOrNull(), row.Bytes(), row.BytesOrNull() ?? [], row.Int(), row.Flag()),
                cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrySaveTurnAsync(EntryTurn turn, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            var advance = turn.Continuation switch
            {
                EntryContinuation.ToolCalls or EntryContinuation.Paused => "turn = turn + 1",
                EntryContinuation.OutputLimit => "output_raised = TRUE",
                _ => "answer_retries = answer_retries + 1",
            };
            var changed = await Guarded(
                db.Command($"UPDATE offpeak_entries SET continuation = NULL, request_bytes = @bytes, {advance} WHERE {TurnGuard};").Bind("bytes", body.Length), turn)
                .ExecuteAsync(cancellationToken);
            if (changed == 0)
                return false;

            await db.Command("UPDATE offpeak_entry_requests SET next_body = @body WHERE entry_id = @id;")
                .Bind("body", body).Bind("id", turn.EntryId).ExecuteAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TryFailTurnAsync(EntryTurn turn, string code, string message, CancellationToken cancellationToken) => RunInTransactionAsync(
        async db =>
        {
            var owner = await db.Command("SELECT batch_id FROM offpeak_entries WHERE id = @id;").Bind("id", turn.EntryId).NumberAsync(cancellationToken);
            await LockBatchAsync(db, owner, cancellationToken);
            var failed = await Guarded(
                db.Command(
                    $"""
                    UPDATE offpeak_entries SET continuation = NULL, status = 'failed', error_code = @code, error_message = @message
                    WHERE {TurnGuard};
                    """).Bind("code", code).Bind("message", message),
                turn).ExecuteAsync(cancellationToken);
            await AddToBatchAsync(db, owner, new BatchSums().Move(EntryStatus.Pending, EntryStatus.Failed, failed), cancellationToken);
            return failed > 0;
        },
        cancellationToken);

    // The turn as it was read: another worker may have written it, and the next round may have come to the same point again.
    private const string TurnGuard =
        """
        id = @id AND status = 'pending' AND shard_id IS NULL AND continuation = @continuation AND turn = @turn AND answer_retries = @answer_retries
            AND output_raised = @output_raised
        """;

    private static SqlCommand Guarded(SqlCommand command, EntryTurn turn) =>
        command.Bind("id", turn.EntryId).Bind("continuation", StatusNames.Name(turn.Continuation)).Bind("turn", turn.Turn)
            .Bind("answer_retries", turn.AnswerRetries).Bind("output_raised", turn.OutputRaised);

    private async Task<IReadOnlyList<EntryBodyRow>> ReadBodiesAsync(
        string page, long key, string body, long after, long maxBytes, CancellationToken ct) => await RunAsync(
        db => db.Command(
            $"""
            SELECT e.id, e.model, {body}
            FROM offpeak_entries e
            JOIN offpeak_entry_requests r ON r.entry_id = e.id
            WHERE e.id IN ({page})
            ORDER BY e.id;
            """)
            .Bind("key", key).Bind("after", after).Bind("max_bytes", maxBytes)
            .ListAsync(row => new EntryBodyRow(row.Long(), row.Text(), row.Body()), ct),
        ct);

    // A page is cut by bytes before a body is read, so that neither this process nor the connection ever holds more. It is named with IN, not
    // joined: a join makes SQLite sort the bodies.
    private static string PageOf(string where, string bytes, string join) =>
        $"""
        SELECT id FROM (
            SELECT id, sum(bytes) OVER (ORDER BY id) AS total, min(id) OVER () AS first FROM (
                SELECT e.id AS id, {bytes} AS bytes FROM offpeak_entries e {join}
                WHERE {where} AND e.id > @after ORDER BY e.id LIMIT {PageRows}) rows) sums
        WHERE total <= @max_bytes OR id = first
        """;
}
