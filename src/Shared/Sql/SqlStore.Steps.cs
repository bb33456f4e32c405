using Offpeak.Batches;

namespace Offpeak.Storage.Sql;

internal abstract partial class SqlStore
{
    private const int StepRows = 2_000;

    /// <inheritdoc/>
    public async Task<long?> StepEntriesAsync(
        BatchRow batch, EntryChange? change, string? fallbackModel, long after, CancellationToken cancellationToken)
    {
        var chunk = await RunInTransactionAsync(
            async db =>
            {
                await FenceAsync(db, batch, cancellationToken);
                var last = await LastOfChunkAsync(db, batch, after, cancellationToken);
                if (last > 0)
                    await StepChunkAsync(db, batch, change, fallbackModel, new Chunk(after, last), cancellationToken);

                return new Chunk(after, last);
            },
            cancellationToken);
        return chunk.Last == 0 ? null : chunk.Last;
    }

    // Locked, not changed: whoever else is at the same step does the same.
    private async Task FenceAsync(SqlSession db, BatchRow batch, CancellationToken ct)
    {
        var held = await db.Command($"SELECT id FROM offpeak_batches WHERE id = @id AND version = @version AND step = @step{ForUpdate};")
            .Bind("id", batch.Id).Bind("version", batch.Version).Bind("step", StatusNames.Name(batch.Step!.Value)).ScalarAsync(ct);
        if (held is null)
            throw new LeaseLostException($"batch {batch.Id}");
    }

    private static async Task<long> LastOfChunkAsync(SqlSession db, BatchRow batch, long after, CancellationToken ct)
    {
        var which = batch.Step switch
        {
            BatchStep.Delete => "TRUE",
            BatchStep.Reopen => "status IN ('failed', 'canceled', 'expired')",
            _ => "status = 'pending'",
        };
        return await db.Command(
            $"""
            SELECT coalesce(max(id), 0) FROM (
                SELECT id FROM offpeak_entries WHERE batch_id = @batch_id AND id > @after AND {which} ORDER BY id LIMIT {StepRows}) page;
            """).Bind("batch_id", batch.Id).Bind("after", after).NumberAsync(ct);
    }

    private Task StepChunkAsync(SqlSession db, BatchRow batch, EntryChange? change, string? fallbackModel, Chunk chunk, CancellationToken ct) => batch.Step switch
    {
        BatchStep.Reopen => ReopenChunkAsync(db, batch, fallbackModel, chunk, ct),
        BatchStep.Fallback => FallBackChunkAsync(db, batch, fallbackModel!, chunk, ct),
        BatchStep.Delete => DeleteChunkAsync(db, batch, chunk, ct),
        _ => SettleChunkAsync(db, batch, change!, chunk, ct),
    };

    // A conversation that came to a bad end starts over, with the fallback if that is whom it was held with; one that was only interrupted goes on.
    private async Task ReopenChunkAsync(SqlSession db, BatchRow batch, string? fallbackModel, Chunk chunk, CancellationToken ct)
    {
        var isFallback = batch.FallbackSince is not null;
        await On(db.Command(
            """
            UPDATE offpeak_entry_requests SET next_body = NULL WHERE next_body IS NOT NULL AND entry_id IN (
                SELECT id FROM offpeak_entries WHERE batch_id = @batch_id AND id > @after AND id <= @last AND continuation IS NULL
                    AND status IN ('failed', 'canceled', 'expired') AND (turn > 0 OR answer_retries > 0 OR output_raised));
            """), batch, chunk).ExecuteAsync(ct);
        var sums = new BatchSums();
        foreach (var status in (EntryStatus[])[EntryStatus.Failed, EntryStatus.Canceled, EntryStatus.Expired])
        {
            var reopened = await On(db.Command(
                $"""
                UPDATE offpeak_entries SET status = 'pending', shard_id = NULL,{(fallbackModel is null ? "" : " model = @model,")}
                    request_bytes = CASE WHEN continuation IS NOT NULL THEN request_bytes ELSE
                        (SELECT {Length($"coalesce(r.next_body, {(isFallback ? "r.fallback_body, r.body" : "r.body")})")} FROM offpeak_entry_requests r WHERE r.entry_id = offpeak_entries.id) END,
                    turn = CASE WHEN continuation IS NOT NULL THEN turn ELSE 0 END,
                    answer_retries = CASE WHEN continuation IS NOT NULL THEN answer_retries ELSE 0 END,
                    output_raised = (continuation IS NOT NULL AND output_raised)
                WHERE batch_id = @batch_id AND id > @after AND id <= @last AND status = @status;
                """), batch, chunk).Bind("status", status.ToName()).BindIf(fallbackModel is not null, "model", fallbackModel).ExecuteAsync(ct);
            sums.Move(status, EntryStatus.Pending, reopened);
        }

        await AddToBatchAsync(db, batch.Id, sums, ct);
    }

    // No body is copied: which one is sent follows from the shard. A conversation starts over.
    private async Task FallBackChunkAsync(SqlSession db, BatchRow batch, string model, Chunk chunk, CancellationToken ct)
    {
        await On(db.Command(
            $"""
            UPDATE offpeak_entries SET shard_id = NULL, model = @model, continuation = NULL, turn = 0, answer_retries = 0, output_raised = FALSE,
                request_bytes = (SELECT {Length("coalesce(r.fallback_body, r.body)")} FROM offpeak_entry_requests r WHERE r.entry_id = offpeak_entries.id)
            WHERE batch_id = @batch_id AND id > @after AND id <= @last AND status = 'pending';
            """), batch, chunk).Bind("model", model).ExecuteAsync(ct);
        await On(db.Command(
            """
            UPDATE offpeak_entry_requests SET next_body = NULL WHERE next_body IS NOT NULL AND entry_id IN (
                SELECT id FROM offpeak_entries WHERE batch_id = @batch_id AND id > @after AND id <= @last AND status = 'pending');
            """), batch, chunk).ExecuteAsync(ct);
    }

    private async Task SettleChunkAsync(SqlSession db, BatchRow batch, EntryChange change, Chunk chunk, CancellationToken ct)
    {
        var settled = await On(db.Command(
            """
            UPDATE offpeak_entries SET status = @to, error_code = @code, error_message = @message
            WHERE batch_id = @batch_id AND id > @after AND id <= @last AND status = @from;
            """), batch, chunk)
            .Bind("to", change.To.ToName()).Bind("from", change.From.ToName()).Bind("code", change.Code).Bind("message", change.Message).ExecuteAsync(ct);
        await AddToBatchAsync(db, batch.Id, new BatchSums().Move(change.From, change.To, settled), ct);
    }

    private static async Task DeleteChunkAsync(SqlSession db, BatchRow batch, Chunk chunk, CancellationToken ct)
    {
        const string Which = "batch_id = @batch_id AND id > @after AND id <= @last";
        foreach (var bodies in (string[])["offpeak_entry_requests", "offpeak_entry_results"])
            await On(db.Command($"DELETE FROM {bodies} WHERE entry_id IN (SELECT id FROM offpeak_entries WHERE {Which});"), batch, chunk).ExecuteAsync(ct);

        await On(db.Command($"DELETE FROM offpeak_entries WHERE {Which};"), batch, chunk).ExecuteAsync(ct);
    }

    private static SqlCommand On(SqlCommand command, BatchRow batch, Chunk chunk) =>
        command.Bind("batch_id", batch.Id).Bind("after", chunk.After).Bind("last", chunk.Last);

    /// <summary>Entries with ids from after one to another; 0: none.</summary>
    private sealed record Chunk(long After, long Last);
}
