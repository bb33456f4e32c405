using Offpeak.Batches;

namespace Offpeak.Storage.Sql;

internal abstract partial class SqlStore
{
    // Running batches and unread shards are walked side by side, each by an index of its own: asked for one by one, half a million running batches
    // cost three times as much. What is planned for a round that is not open yet is unread too.
    private const string BetweenSteps =
        """
        SELECT id FROM offpeak_batches WHERE status = 'running' AND id > @after
        EXCEPT SELECT batch_id FROM offpeak_shards WHERE results_fetched_at IS NULL AND batch_id > @after
        UNION SELECT batch_id FROM offpeak_shards p WHERE status = 'pending' AND results_fetched_at IS NULL AND batch_id > @after
            AND EXISTS (SELECT 1 FROM offpeak_batches b WHERE b.id = p.batch_id AND b.status = 'running' AND b.round < p.round)
        UNION SELECT id FROM offpeak_batches WHERE status = 'building' AND id > @after AND cancel_requested_at IS NOT NULL
        UNION SELECT id FROM offpeak_batches WHERE step IS NOT NULL AND id > @after
        ORDER BY id LIMIT @limit;
        """;

    /// <inheritdoc/>
    public Task<LeaseState> RenewLeaseAsync(LeaseKind kind, long id, string token, TimeSpan duration, CancellationToken cancellationToken) => RunAsync(
        async db =>
        {
            var isShard = kind == LeaseKind.Shard;
            var isHeld = await RenewAsync(db, isShard ? "offpeak_shards" : "offpeak_batches", id, token, duration, cancellationToken) > 0;
            var batch = await db.Command(
                $"""
                SELECT {SqlColumns.Batch} FROM offpeak_batches
                WHERE id = {(isShard ? "(SELECT batch_id FROM offpeak_shards WHERE id = @id)" : "@id")};
                """).Bind("id", id).FirstAsync(SqlColumns.ReadBatch, cancellationToken);
            return new LeaseState(isHeld, !isShard && batch?.HandlerDispatchedAt is not null, batch?.CancelRequestedAt is not null);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListLeaseOwnersAsync(CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            SELECT lease_owner FROM offpeak_shards WHERE lease_owner IS NOT NULL AND lease_until > {clock.Now}
            UNION SELECT lease_owner FROM offpeak_batches WHERE lease_owner IS NOT NULL AND lease_until > {clock.Now};
            """).ListAsync(row => row.Text(), cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<Page<ResumedPoll>> ResumePollsAsync(
        TimeSpan grace, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken) => RunAsync(
        async db =>
        {
            var due = await db.Command(
                $"""
                SELECT id, batch_id, poll_generation, status, next_poll_at, provider_batch_id, version FROM offpeak_shards
                WHERE id > @after AND next_poll_at <= {clock.After("@overdue")} AND results_fetched_at IS NULL AND {Free(deadOwners.Count)}
                ORDER BY id LIMIT @limit;
                """)
                .Bind("after", after).BindAfter("overdue", -grace).Bind("limit", limit).BindList("dead", deadOwners)
                .ListAsync(row => (new ResumedPoll(row.Long(), row.Long(), row.Int(), row.Status<ShardStatus>(), row.TimeOrNull(), row.TextOrNull()), Version: row.Long()), cancellationToken);
            if (due.Count == 0)
                return new Page<ResumedPoll>([], null);

            // Who has changed a row since it was read keeps it; of two sweeps one wins.
            var pairs = string.Join(", ", due.Select(row => $"({row.Item1.ShardId}, {row.Version})"));
            var won = (await db.Command(
                $"""
                UPDATE offpeak_shards SET poll_generation = poll_generation + 1, next_poll_at = {clock.Now}, version = version + 1
                WHERE id IN ({Ids(due.Select(row => row.Item1.ShardId))}) AND (id, version) IN (VALUES {pairs})
                RETURNING id, poll_generation;
                """).ListAsync(row => (Id: row.Long(), Generation: row.Int()), cancellationToken)).ToDictionary(row => row.Id, row => row.Generation);
            return new Page<ResumedPoll>(
                [.. due.Where(row => won.ContainsKey(row.Item1.ShardId)).Select(row => row.Item1 with { Generation = won[row.Item1.ShardId] })],
                due.Count < limit ? null : due[^1].Item1.ShardId);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Page<ShardRow>> FindSubmitsDueAsync(long after, int limit, CancellationToken cancellationToken) => FindShardsAsync(
        $"""
        status = 'pending' AND (next_submit_at IS NULL OR next_submit_at <= {clock.Now})
        AND EXISTS (SELECT 1 FROM offpeak_batches b WHERE b.id = batch_id AND b.status = 'running' AND offpeak_shards.round <= b.round)
        """,
        after, limit, command => command, cancellationToken);

    /// <inheritdoc/>
    public Task<Page<ShardRow>> FindUnsettledAsync(long after, int limit, CancellationToken cancellationToken) =>
        FindShardsAsync("status IN ('submitting', 'unconfirmed')", after, limit, command => command, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListOpenProvidersAsync(CancellationToken cancellationToken) => await RunAsync(
        db => db.Command("SELECT DISTINCT provider FROM offpeak_shards WHERE results_fetched_at IS NULL;").ListAsync(row => row.Text(), cancellationToken),
        cancellationToken);

    /// <inheritdoc/>
    public Task<Page<ShardRow>> FindOldShardsAsync(
        string provider, TimeSpan? acceptedAge, TimeSpan waitingAge, long after, int limit, CancellationToken cancellationToken) => FindShardsAsync(
        $"""
        provider = @provider AND results_fetched_at IS NULL AND (
            {(acceptedAge is null ? "" : $"accepted_at <= {clock.After("@accepted")} OR")}
            (accepted_at IS NULL AND planned_at <= {clock.After("@planned")}
                AND EXISTS (SELECT 1 FROM offpeak_batches b WHERE b.id = batch_id AND b.status = 'running')))
        """,
        after,
        limit,
        command => (acceptedAge is { } age ? command.BindAfter("accepted", -age) : command).BindAfter("planned", -waitingAge).Bind("provider", provider),
        cancellationToken);

    /// <inheritdoc/>
    public Task<Page<ShardRow>> FindUncleanedAsync(long after, int limit, CancellationToken cancellationToken) =>
        FindShardsAsync($"next_clean_up_at <= {clock.Now} AND cleaned_up_at IS NULL", after, limit, command => command, cancellationToken);

    /// <inheritdoc/>
    public Task<Page<long>> FindBetweenStepsAsync(long after, int limit, CancellationToken cancellationToken) => RunAsync(
        async db => ToPage(
            await db.Command(BetweenSteps).Bind("after", after).Bind("limit", limit).ListAsync(row => row.Long(), cancellationToken),
            limit,
            id => id),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<Page<long>> FindDueDispatchesAsync(
        IReadOnlyCollection<string> handlers, IReadOnlyCollection<string> deadOwners, long after, int limit, CancellationToken cancellationToken)
    {
        if (handlers.Count == 0)
            return new Page<long>([], null);

        return await RunAsync(
            async db => ToPage(
                await db.Command(
                    $"""
                    SELECT id FROM offpeak_batches
                    WHERE id > @after AND next_dispatch_at <= {clock.Now} AND handler IN ({Names("handler", handlers.Count)}) AND {Free(deadOwners.Count)}
                    ORDER BY id LIMIT @limit;
                    """)
                    .Bind("after", after).Bind("limit", limit).BindList("handler", handlers).BindList("dead", deadOwners)
                    .ListAsync(row => row.Long(), cancellationToken),
                limit,
                id => id),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, int>> NoteUnknownHandlersAsync(
        IReadOnlyCollection<string> handlers, TimeSpan overdue, string errorPrefix, CancellationToken cancellationToken)
    {
        var unknown = handlers.Count == 0 ? "" : $" AND handler NOT IN ({Names("handler", handlers.Count)})";
        // No new version: whoever knows the handler and has just read the row must not lose it for a note.
        var noted = await RunAsync(
            db => db.Command(
                $"""
                UPDATE offpeak_batches SET dispatch_error = @prefix || '''' || handler || '''.'
                WHERE next_dispatch_at <= {clock.Now}{unknown} AND {Free(0)} AND (dispatch_error IS NULL
                    OR (next_dispatch_at <= {clock.After("@overdue")} AND dispatch_error <> @prefix || '''' || handler || '''.'))
                RETURNING handler;
                """)
                .BindList("handler", handlers).Bind("prefix", errorPrefix).BindAfter("overdue", -overdue)
                .ListAsync(row => row.Text(), cancellationToken),
            cancellationToken);
        return noted.CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<TroubleCounts> CountTroubleAsync(CancellationToken cancellationToken)
    {
        var counts = await RunAsync(
            db => db.Command(
                $"""
                SELECT cast(count(*) AS integer) FROM offpeak_shards WHERE results_fetched_at IS NULL AND trouble_paused
                    AND EXISTS (SELECT 1 FROM offpeak_batches b WHERE b.id = batch_id AND b.status = 'running')
                UNION ALL SELECT cast(count(*) AS integer) FROM offpeak_batches
                    WHERE dispatch_error IS NOT NULL AND handler_dispatched_at IS NULL AND status NOT IN ('building', 'running') AND {SetClause.NotDeleting};
                """).ListAsync(row => row.Int(), cancellationToken),
            cancellationToken);
        return new TroubleCounts(counts[0], counts[1]);
    }

    /// <inheritdoc/>
    public Task<Page<BatchRow>> FindPurgeableAsync(TimeSpan age, long after, int limit, CancellationToken cancellationToken) => RunAsync(
        async db => ToPage(
            await db.Command(
                $"""
                SELECT {SqlColumns.Batch} FROM offpeak_batches
                WHERE id > @after AND finished_at <= {clock.After("@finished")} AND status NOT IN ('building', 'running')
                    AND (handler IS NULL OR handler_dispatched_at IS NOT NULL)
                ORDER BY id LIMIT @limit;
                """).Bind("after", after).BindAfter("finished", -age).Bind("limit", limit).ListAsync(SqlColumns.ReadBatch, cancellationToken),
            limit,
            batch => batch.Id),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> TryClaimSweepAsync(string name, TimeSpan interval, CancellationToken cancellationToken) => await RunAsync(
        db => db.Command(
            $"""
            INSERT INTO offpeak_sweeps (name, last_run_at) VALUES (@name, {clock.Now})
            ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at
                WHERE offpeak_sweeps.last_run_at <= {clock.After("@since")} OR offpeak_sweeps.last_run_at > excluded.last_run_at;
            """).Bind("name", name).BindAfter("since", -interval).ExecuteAsync(cancellationToken),
        cancellationToken) > 0;

    private Task<int> RenewAsync(SqlSession db, string table, long id, string token, TimeSpan duration, CancellationToken ct) => db.Command(
        $"UPDATE {table} SET lease_until = {clock.After("@until")} WHERE id = @id AND lease_owner = @token;")
        .Bind("id", id).Bind("token", token).BindAfter("until", duration).ExecuteAsync(ct);

    private Task<Page<ShardRow>> FindShardsAsync(string where, long after, int limit, Func<SqlCommand, SqlCommand> bind, CancellationToken ct) => RunAsync(
        async db => ToPage(
            await bind(db.Command($"SELECT {SqlColumns.Shard} FROM offpeak_shards WHERE id > @after AND {where} ORDER BY id LIMIT @limit;")
                .Bind("after", after).Bind("limit", limit)).ListAsync(SqlColumns.ReadShard, ct),
            limit,
            shard => shard.Id),
        ct);

    private string Free(int deadOwners) =>
        $"(lease_owner IS NULL OR lease_until <= {clock.Now}{(deadOwners == 0 ? "" : $" OR lease_owner IN ({Names("dead", deadOwners)})")})";
}
