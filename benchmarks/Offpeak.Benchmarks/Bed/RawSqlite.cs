using Microsoft.Data.Sqlite;

namespace Offpeak.Benchmarks.Bed;

/// <summary>Plain ADO.NET with prepared commands that puts the same rows into the same schema: what the bulk paths are held against.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly SqliteConnection connection;

    public RawSqlite(string path)
    {
        connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        // The store's own, so that both are equally durable and hold as much in memory.
        Execute("PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 2000;");
    }

    public void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void InsertEntries(int count, int perTransaction)
    {
        using var entry = Prepare(
            """
            INSERT INTO offpeak_entries (batch_id, custom_id, model, status, attempts, request_bytes, validates_answer, turn, answer_retries, output_raised)
            VALUES (1, $a, $b, 'pending', 0, $c, 0, 0, 0, 0)
            """,
            3);
        using var body = Prepare("INSERT INTO offpeak_entry_requests (entry_id, body) VALUES (last_insert_rowid(), $a)", 1);
        InTransactions(count, perTransaction, i =>
        {
            var bytes = Texts.Requests[i % Texts.Requests.Length];
            Run(entry, $"row-{i:D7}", Texts.Model, bytes.Length);
            Run(body, bytes);
        });
    }

    public void ApplyResults(int count, int perTransaction)
    {
        using var apply = Prepare(
            """
            UPDATE offpeak_entries SET status = 'succeeded', status_code = $a, finish_reason = $b, response_model = $c, input_tokens = $d,
            cached_input_tokens = $e, output_tokens = $f, cost = $g WHERE id = $h AND shard_id = 1 AND status = 'submitted'
            """,
            8);
        using var store = Prepare("INSERT INTO offpeak_entry_results (entry_id, body) VALUES ($a, $b)", 2);
        InTransactions(count, perTransaction, i =>
        {
            Run(apply, 200, "completed", Texts.Model + "-2025-08-07", 510, 0, 270, "0.0000667500", i + 1);
            Run(store, i + 1, Texts.Answers[i % Texts.Answers.Length]);
        });
    }

    /// <summary>Reads what is needed of the overdue rows and moves them on in one statement.</summary>
    public int ResumeDue(string cutoff)
    {
        var found = 0;
        using (var select = Prepare(
            "SELECT id, batch_id, poll_generation, status, next_poll_at, provider_batch_id, version FROM offpeak_shards WHERE next_poll_at <= $a AND results_fetched_at IS NULL", 1))
        {
            select.Parameters[0].Value = cutoff;
            using var rows = select.ExecuteReader();
            var values = new object[rows.FieldCount];
            while (rows.Read())
                found += rows.GetValues(values) > 0 ? 1 : 0;
        }

        using var update = Prepare(
            """
            UPDATE offpeak_shards SET poll_generation = poll_generation + 1, next_poll_at = $b, version = version + 1
            WHERE next_poll_at <= $a AND results_fetched_at IS NULL
            """,
            2);
        Run(update, cutoff, cutoff);
        return found;
    }

    public void Dispose() => connection.Dispose();

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (char)('a' + i) });
        command.Prepare();
        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    private void InTransactions(int count, int perTransaction, Action<int> each)
    {
        for (var start = 0; start < count; start += perTransaction)
        {
            Execute("BEGIN IMMEDIATE");
            for (var i = start; i < Math.Min(start + perTransaction, count); i++)
                each(i);
            Execute("COMMIT");
        }
    }
}
