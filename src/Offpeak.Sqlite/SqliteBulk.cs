using Microsoft.Data.Sqlite;
using Offpeak.Batches;
using Offpeak.Kit.Json;
using Offpeak.Storage;
using Offpeak.Storage.Sql;

namespace Offpeak.Sqlite;

/// <summary>Rows that come in tens of thousands, through prepared statements one level below ADO.NET. Works in the connection's transaction.</summary>
internal static class SqliteBulk
{
    private const string InsertSql =
        """
        INSERT INTO offpeak_entries (batch_id, custom_id, model, status, attempts, request_bytes, validates_answer, turn, answer_retries, output_raised)
        VALUES (?1, ?2, ?3, 'pending', 0, ?4, ?5, 0, 0, 0);
        """;

    private const string InsertBodySql = "INSERT INTO offpeak_entry_requests (entry_id, body) VALUES (last_insert_rowid(), ?1);";

    private const string InsertBodiesSql =
        "INSERT INTO offpeak_entry_requests (entry_id, body, fallback_body) VALUES (last_insert_rowid(), ?1, ?2);";

    // shard_id is named only where it changes: naming it makes SQLite take the entry out of the index and put it back.
    private const string SettleSql = "UPDATE offpeak_entries SET " + AnswerColumns;

    private const string AskAgainSql = "UPDATE offpeak_entries SET shard_id = NULL, continuation = ?13, " + AnswerColumns;

    // What an earlier round cost is paid too, so usage adds up; the function is called only where there is something to add to.
    private const string AnswerColumns =
        """
        status = ?1, status_code = ?2, error_code = ?3, error_message = ?4, finish_reason = ?5, response_model = ?6,
            input_tokens = coalesce(input_tokens + ?7, ?7, input_tokens),
            cached_input_tokens = coalesce(cached_input_tokens + ?8, ?8, cached_input_tokens),
            output_tokens = coalesce(output_tokens + ?9, ?9, output_tokens),
            cost = CASE WHEN cost IS NULL THEN ?10 WHEN ?10 IS NULL THEN cost ELSE offpeak_add(cost, ?10) END
        WHERE id = ?11 AND shard_id = ?12 AND status = 'submitted';
        """;

    // A body is stored only with the change above; a later round's answer replaces an earlier round's error.
    private const string BodySql = "INSERT OR REPLACE INTO offpeak_entry_results (entry_id, body) VALUES (?1, ?2);";

    public static void Insert(SqliteConnection connection, long batchId, IReadOnlyList<NewEntryRow> rows)
    {
        using var insert = new PreparedStatement(connection, InsertSql);
        using var insertBody = new PreparedStatement(connection, InsertBodySql);
        using var insertBodies = new PreparedStatement(connection, InsertBodiesSql);
        foreach (var row in rows)
        {
            insert.Bind(batchId).Bind(StorableText.From(row.CustomId)).Bind(row.Model).Bind(row.Body.Length).Bind(row.ValidatesAnswer ? 1 : 0);
            InsertOne(insert, row.CustomId);
            if (row.FallbackBody is { } fallback)
                insertBodies.Bind(row.Body.Span).Bind(fallback.Span).Execute();
            else
                insertBody.Bind(row.Body.Span).Execute();
        }
    }

    public static bool[] Apply(SqliteConnection connection, long shardId, IReadOnlyList<ResultRow> rows)
    {
        using var settle = new PreparedStatement(connection, SettleSql);
        using var askAgain = new PreparedStatement(connection, AskAgainSql);
        using var store = new PreparedStatement(connection, BodySql);
        var applied = new bool[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            applied[i] = Apply(rows[i], shardId, settle, askAgain) > 0;
            if (applied[i] && !rows[i].Result.Body.IsEmpty)
                Store(connection, store.Bind(rows[i].EntryId), rows[i].EntryId, rows[i].Result.Body.Span);
        }

        return applied;
    }

    // Bound, SQLite would copy a body twice before it writes it.
    private static void Store(SqliteConnection connection, PreparedStatement store, long entryId, ReadOnlySpan<byte> body)
    {
        if (body.Length < LargeBodies.Threshold)
        {
            store.Bind(body).Execute();
            return;
        }

        store.BindZeros(body.Length).Execute();
        using var blob = new SqliteBlob(connection, "offpeak_entry_results", "body", entryId);
        blob.Write(body);
    }

    private static void InsertOne(PreparedStatement insert, string customId)
    {
        try
        {
            insert.Execute();
        }
        catch (SqliteException error) when (error.SqliteExtendedErrorCode == SqliteErrors.UniqueConstraint)
        {
            throw new OffpeakException(
                OffpeakErrorCode.DuplicateCustomId, $"The batch already has an entry '{customId}'; custom ids must be unique in a batch.", error);
        }
    }

    private static int Apply(ResultRow row, long shardId, PreparedStatement settle, PreparedStatement askAgain)
    {
        if (row.Status != EntryStatus.Pending)
            return Bind(settle, row, shardId).Execute();

        var continuation = row.Continuation is { } next ? StatusNames.Name(next) : null;
        return Bind(askAgain, row, shardId).Bind(continuation).Execute();
    }

    private static PreparedStatement Bind(PreparedStatement statement, ResultRow row, long shardId)
    {
        var result = row.Result;
        return statement
            .Bind(row.Status.ToName())
            .Bind(result.StatusCode)
            .Bind(Text(result.ErrorCode))
            .Bind(Text(result.ErrorMessage))
            .Bind(Text(result.FinishReason))
            .Bind(Text(result.Model))
            .Bind(result.Usage?.InputTokens)
            .Bind(result.Usage?.CachedInputTokens)
            .Bind(result.Usage?.OutputTokens)
            .Bind(row.Cost)
            .Bind(row.EntryId)
            .Bind(shardId);
    }

    private static string? Text(string? text) => text is null ? null : StorableText.From(text);
}
