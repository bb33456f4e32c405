using Microsoft.Data.Sqlite;

namespace Offpeak.CrashTests.Worker;

/// <summary>
/// Tables beside Offpeak's own: the handler's effects, and a history of every status change, written by triggers in the transaction that
/// made the change, so that it is exactly what was committed.
/// </summary>
internal static class Observation
{
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS effects (dispatch_id TEXT NOT NULL, answers INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS history (kind TEXT NOT NULL, row INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
        CREATE TRIGGER IF NOT EXISTS watch_entries AFTER UPDATE OF status ON offpeak_entries WHEN old.status <> new.status
        BEGIN INSERT INTO history VALUES ('entry', new.id, old.status, new.status); END;
        CREATE TRIGGER IF NOT EXISTS watch_shards AFTER UPDATE OF status ON offpeak_provider_batches WHEN old.status <> new.status
        BEGIN INSERT INTO history VALUES ('provider_batch', new.id, old.status, new.status); END;
        CREATE TRIGGER IF NOT EXISTS watch_batches AFTER UPDATE OF status ON offpeak_batches WHEN old.status <> new.status
        BEGIN INSERT INTO history VALUES ('batch', new.id, old.status, new.status); END;
        """;

    private const string Rival =
        """
        UPDATE offpeak_provider_batches SET version = version + 1, lease_owner = NULL, lease_until = NULL
        WHERE status IN ('submitting', 'submitted', 'in_progress', 'ended');
        """;

    public static void Begin(string database) => Execute(database, $"BEGIN IMMEDIATE;{Schema}COMMIT;");

    /// <summary>What another worker does that takes over every provider batch at once.</summary>
    public static void TakeOver(string database) => Execute(database, Rival);

    public static SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection($"Data Source={database};Default Timeout=30;Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(string database, string sql)
    {
        using var connection = Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
