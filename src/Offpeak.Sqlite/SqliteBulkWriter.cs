using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Sqlite;

/// <summary>Bulk rows through prepared statements: three to four times as fast as tracked entities.</summary>
internal sealed class SqliteBulkWriter : IBulkWriter
{
    private const int SqliteConstraintUnique = 2067;

    private const string InsertSql =
        """
        INSERT INTO offpeak_entries (batch_id, custom_id, model, status, attempts, request_bytes)
        VALUES ($batch, $custom, $model, 'pending', 0, $bytes);
        INSERT INTO offpeak_entry_requests (entry_id, body) VALUES (last_insert_rowid(), $body);
        """;

    // What an earlier round cost is paid too, so usage adds up; ef_add is Entity Framework's exact addition of decimals.
    private const string ApplySql =
        """
        UPDATE offpeak_entries
        SET status = $status,
            shard_id = CASE WHEN $status = 'pending' THEN NULL ELSE shard_id END,
            status_code = $code, error_code = $error, error_message = $message, finish_reason = $finish, response_model = $model,
            input_tokens = coalesce(input_tokens + $input, $input, input_tokens),
            cached_input_tokens = coalesce(cached_input_tokens + $cached, $cached, cached_input_tokens),
            output_tokens = coalesce(output_tokens + $output, $output, output_tokens),
            cost = coalesce(ef_add(cost, $cost), $cost, cost)
        WHERE id = $id AND shard_id = $shard AND status = 'submitted';
        """;

    // A body is stored only with the change above; a later round's answer replaces an earlier round's error.
    private const string BodySql = "INSERT OR REPLACE INTO offpeak_entry_results (entry_id, body) VALUES ($id, $body);";

    public Task InsertEntriesAsync(OffpeakDbContext db, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken cancellationToken)
    {
        using var insert = Command(db, InsertSql, "$batch", "$custom", "$model", "$bytes", "$body");
        insert.Parameters["$batch"].Value = batchId;
        foreach (var row in rows)
        {
            insert.Parameters["$custom"].Value = row.CustomId;
            insert.Parameters["$model"].Value = row.Model;
            insert.Parameters["$bytes"].Value = row.Body.Length;
            insert.Parameters["$body"].Value = row.Body.ToArray();
            InsertOne(insert, row.CustomId);
        }

        return Task.CompletedTask;
    }

    public Task<int> ApplyResultsAsync(OffpeakDbContext db, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken cancellationToken)
    {
        using var apply = Command(
            db, ApplySql, "$status", "$code", "$error", "$message", "$finish", "$model", "$input", "$cached", "$output", "$cost", "$id", "$shard");
        using var store = Command(db, BodySql, "$id", "$body");
        apply.Parameters["$shard"].Value = shardId;
        var applied = 0;
        foreach (var row in rows)
        {
            Bind(apply, row);
            if (apply.ExecuteNonQuery() == 0)
                continue;
            applied++;
            if (!row.Result.Body.IsEmpty)
                Store(store, row);
        }

        return Task.FromResult(applied);
    }

    private static void InsertOne(SqliteCommand insert, string customId)
    {
        try
        {
            insert.ExecuteNonQuery();
        }
        catch (SqliteException error) when (error.SqliteExtendedErrorCode == SqliteConstraintUnique)
        {
            throw new OffpeakException(
                OffpeakErrorCode.DuplicateCustomId, $"The batch already has an entry '{customId}'; custom ids must be unique in a batch.", error);
        }
    }

    private static void Bind(SqliteCommand apply, ResultRow row)
    {
        var result = row.Result;
        Set("$id", row.EntryId);
        Set("$status", SnakeCaseEnum<EntryStatus>.Name(row.Status));
        Set("$code", result.StatusCode);
        Set("$error", result.ErrorCode);
        Set("$message", result.ErrorMessage);
        Set("$finish", result.FinishReason);
        Set("$model", result.Model);
        Set("$input", result.Usage?.InputTokens);
        Set("$cached", result.Usage?.CachedInputTokens);
        Set("$output", result.Usage?.OutputTokens);
        Set("$cost", row.Cost);

        void Set(string name, object? value) => apply.Parameters[name].Value = value ?? DBNull.Value;
    }

    private static void Store(SqliteCommand store, ResultRow row)
    {
        store.Parameters["$id"].Value = row.EntryId;
        store.Parameters["$body"].Value = row.Result.Body.ToArray();
        store.ExecuteNonQuery();
    }

    private static SqliteCommand Command(OffpeakDbContext db, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
        command.Transaction = (SqliteTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        command.Prepare();
        return command;
    }
}
