using Offpeak.Batches;
using Offpeak.Storage;
using Offpeak.Storage.Sql;

namespace Offpeak.PostgreSql;

/// <summary>Rows that come in tens of thousands: some hundreds a statement, as one array a column, in one round trip.</summary>
internal static class PostgreSqlBulk
{
    private const int ChunkRows = 500;

    // A message to the server may not be longer than 1 GB, and the server holds the arrays in memory.
    private const long ChunkBytes = 16 << 20;

    // Ids are drawn in the order of the rows; the bodies follow by what is unique in the batch.
    private const string InsertSql =
        """
        WITH added AS (
            INSERT INTO offpeak_entries (batch_id, custom_id, model, status, attempts, request_bytes, validates_answer, turn, answer_retries, output_raised)
            SELECT @batch_id, r.custom_id, r.model, 'pending', 0, octet_length(r.body), r.validates, 0, 0, FALSE
            FROM unnest(@custom_ids, @models, @bodies, @validates) WITH ORDINALITY AS r (custom_id, model, body, validates, place)
            ORDER BY r.place
            ON CONFLICT (batch_id, custom_id) DO NOTHING
            RETURNING id, custom_id),
        stored AS (
            INSERT INTO offpeak_entry_requests (entry_id, body, fallback_body)
            SELECT added.id, r.body, r.fallback_body
            FROM unnest(@custom_ids, @bodies, @fallbacks) AS r (custom_id, body, fallback_body) JOIN added ON added.custom_id = r.custom_id)
        SELECT custom_id FROM added;
        """;

    // What an earlier round cost is paid too, so usage adds up. A body is stored only with the change; a later answer replaces an earlier error.
    private const string ApplySql =
        """
        WITH changed AS (
            UPDATE offpeak_entries e SET status = r.status, status_code = r.status_code, error_code = r.error_code, error_message = r.error_message,
                finish_reason = r.finish_reason, response_model = r.response_model,
                input_tokens = coalesce(e.input_tokens + r.input_tokens, r.input_tokens, e.input_tokens),
                cached_input_tokens = coalesce(e.cached_input_tokens + r.cached_input_tokens, r.cached_input_tokens, e.cached_input_tokens),
                output_tokens = coalesce(e.output_tokens + r.output_tokens, r.output_tokens, e.output_tokens),
                cost = coalesce(round(e.cost + r.cost, 18), r.cost, e.cost),
                shard_id = CASE WHEN r.status <> 'pending' THEN e.shard_id END,
                continuation = CASE WHEN r.status = 'pending' THEN r.continuation ELSE e.continuation END
            FROM unnest(@ids, @statuses, @status_codes, @error_codes, @error_messages, @finish_reasons, @response_models, @input_tokens,
                    @cached_input_tokens, @output_tokens, @costs, @continuations, @bodies)
                AS r (id, status, status_code, error_code, error_message, finish_reason, response_model, input_tokens,
                    cached_input_tokens, output_tokens, cost, continuation, body)
            WHERE e.id = r.id AND e.shard_id = @shard_id AND e.status = 'submitted'
            RETURNING e.id, r.body),
        stored AS (
            INSERT INTO offpeak_entry_results (entry_id, body) SELECT id, body FROM changed WHERE body IS NOT NULL
            ON CONFLICT (entry_id) DO UPDATE SET body = excluded.body)
        SELECT id FROM changed;
        """;

    public static async Task InsertAsync(SqlSession session, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken ct)
    {
        var known = new HashSet<string>(rows.Count, StringComparer.Ordinal);
        foreach (var chunk in Cut(rows, row => row.Body.Length + (row.FallbackBody?.Length ?? 0)))
        {
            var customIds = chunk.Select(row => StorableText.From(row.CustomId)).ToArray();
            if (customIds.FirstOrDefault(id => !known.Add(id)) is { } twice)
                throw Duplicate(twice);

            var added = await session.Command(InsertSql)
                .Bind("batch_id", batchId)
                .Bind("custom_ids", customIds)
                .Bind("models", chunk.Select(row => StorableText.From(row.Model)).ToArray())
                .Bind("bodies", chunk.Select(row => SqlCommand.ToArray(row.Body)).ToArray())
                .Bind("fallbacks", chunk.Select(row => row.FallbackBody is { } body ? SqlCommand.ToArray(body) : null).ToArray())
                .Bind("validates", chunk.Select(row => row.ValidatesAnswer).ToArray())
                .ListAsync(row => row.Text(), ct);
            if (added.Count < chunk.Length)
                throw Duplicate(customIds.Except(added, StringComparer.Ordinal).First());
        }
    }

    public static async Task<bool[]> ApplyAsync(SqlSession session, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken ct)
    {
        var applied = new bool[rows.Count];
        var firsts = new Dictionary<long, int>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
            firsts.TryAdd(rows[i].EntryId, i);

        foreach (var chunk in Cut([.. firsts.Values.Select(i => rows[i])], row => row.Result.Body.Length))
        {
            foreach (var id in await ApplyChunkAsync(session, shardId, chunk, ct))
                applied[firsts[id]] = true;
        }

        return applied;
    }

    private static Task<List<long>> ApplyChunkAsync(SqlSession session, long shardId, ResultRow[] rows, CancellationToken ct)
    {
        T[] Column<T>(Func<ResultRow, T> value) => Array.ConvertAll(rows, row => value(row));
        return session.Command(ApplySql)
            .Bind("shard_id", shardId)
            .Bind("ids", Column(row => row.EntryId))
            .Bind("statuses", Column(row => row.Status.ToName()))
            .Bind("status_codes", Column(row => row.Result.StatusCode))
            .Bind("error_codes", Column(row => Text(row.Result.ErrorCode)))
            .Bind("error_messages", Column(row => Text(row.Result.ErrorMessage)))
            .Bind("finish_reasons", Column(row => Text(row.Result.FinishReason)))
            .Bind("response_models", Column(row => Text(row.Result.Model)))
            .Bind("input_tokens", Column(row => row.Result.Usage?.InputTokens))
            .Bind("cached_input_tokens", Column(row => row.Result.Usage?.CachedInputTokens))
            .Bind("output_tokens", Column(row => row.Result.Usage?.OutputTokens))
            .Bind("costs", Column(row => row.Cost))
            .Bind("continuations", Column(row => row.Continuation is { } next ? StatusNames.Name(next) : null))
            .Bind("bodies", Column(row => row.Result.Body.IsEmpty ? null : SqlCommand.ToArray(row.Result.Body)))
            .ListAsync(row => row.Long(), ct);
    }

    private static IEnumerable<T[]> Cut<T>(IReadOnlyList<T> rows, Func<T, long> size)
    {
        var chunk = new List<T>(Math.Min(rows.Count, ChunkRows));
        var bytes = 0L;
        foreach (var row in rows)
        {
            if (chunk.Count == ChunkRows || (chunk.Count > 0 && bytes + size(row) > ChunkBytes))
            {
                yield return [.. chunk];
                chunk.Clear();
                bytes = 0;
            }

            chunk.Add(row);
            bytes += size(row);
        }

        if (chunk.Count > 0)
            yield return [.. chunk];
    }

    private static OffpeakException Duplicate(string customId) => new(
        OffpeakErrorCode.DuplicateCustomId, $"The batch already has an entry '{StorableText.Read(customId)}'; custom ids must be unique in a batch.");

    private static string? Text(string? text) => text is null ? null : StorableText.From(text);

}
