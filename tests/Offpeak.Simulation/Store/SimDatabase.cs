using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Storage;

namespace Offpeak.Simulation.Store;

/// <summary>
/// A real database file, copied from a migrated template. Triggers write every change of a status, a lease or a dispatch into a log table,
/// in the same transaction: the oracle sees each single move, not only what is left when a step ends.
/// </summary>
internal sealed class SimDatabase : IDisposable
{
    private const string Schema =
        """
        CREATE TABLE sim_log (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, row_id INTEGER NOT NULL, a TEXT, b TEXT, c TEXT);
        CREATE TABLE sim_effects (dispatch_id TEXT NOT NULL);
        CREATE TRIGGER sim_batch AFTER UPDATE ON offpeak_batches WHEN old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('batch', new.id, old.status, new.status); END;
        CREATE TRIGGER sim_shard AFTER UPDATE ON offpeak_provider_batches WHEN old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('shard', new.id, old.status, new.status); END;
        CREATE TRIGGER sim_entry AFTER UPDATE ON offpeak_entries WHEN old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('entry', new.id, old.status, new.status); END;
        CREATE TRIGGER sim_rewritten AFTER UPDATE ON offpeak_entries
        WHEN old.status = new.status AND new.status IN ('succeeded', 'failed', 'canceled', 'expired')
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('rewritten', new.id, new.status); END;
        CREATE TRIGGER sim_unpolled AFTER UPDATE ON offpeak_provider_batches
        WHEN new.next_poll_at IS NULL AND new.results_fetched_at IS NULL AND new.status NOT IN ('pending', 'submitting', 'unconfirmed')
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('unpolled', new.id, new.status); END;
        CREATE TRIGGER sim_given_up AFTER UPDATE ON offpeak_provider_batches
        WHEN new.failure_error = 'max_age' AND old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('given_up', new.id, new.provider_batch_id, new.submitted_at); END;
        CREATE TRIGGER sim_shard_lease AFTER UPDATE ON offpeak_provider_batches WHEN old.lease_owner <> new.lease_owner
        BEGIN INSERT INTO sim_log (kind, row_id, a, b, c) VALUES ('lease', new.id, old.lease_owner, old.lease_until, new.lease_owner); END;
        CREATE TRIGGER sim_batch_lease AFTER UPDATE ON offpeak_batches WHEN old.lease_owner <> new.lease_owner
        BEGIN INSERT INTO sim_log (kind, row_id, a, b, c) VALUES ('lease', new.id, old.lease_owner, old.lease_until, new.lease_owner); END;
        CREATE TRIGGER sim_dispatched AFTER UPDATE ON offpeak_batches
        WHEN old.handler_dispatched_at IS NULL AND new.handler_dispatched_at IS NOT NULL
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('dispatched', new.id, new.dispatch_id); END;
        CREATE TRIGGER sim_dispatch_id AFTER UPDATE ON offpeak_batches
        WHEN old.dispatch_id <> new.dispatch_id AND (old.status <> 'running' OR new.status = 'running')
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('dispatch_id', new.id, old.dispatch_id, new.dispatch_id); END;
        """;

    private static readonly string Folder = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
    private static readonly Lazy<byte[]> Template = new(MakeTemplate);

    public SimDatabase()
    {
        Path = NewPath();
        File.WriteAllBytes(Path, Template.Value);
    }

    public string Path { get; }

    /// <summary>A connection of its own, apart from those of the processes.</summary>
    public SqliteConnection Connect() => Connect(Path);

    public void Dispose() => Delete(Path);

    private static byte[] MakeTemplate()
    {
        var path = NewPath();
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddOffpeak(offpeak => offpeak.UseSqlite(path));
        using (var services = collection.BuildServiceProvider())
            services.GetRequiredService<DatabaseMigration>().RunAsync().GetAwaiter().GetResult();
        using (var connection = Connect(path))
        {
            using var command = connection.CreateCommand();
            command.CommandText = Schema + "PRAGMA wal_checkpoint(TRUNCATE);";
            command.ExecuteNonQuery();
        }

        ClearPool(path);
        var bytes = File.ReadAllBytes(path);
        Delete(path);
        return bytes;
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static string NewPath() => System.IO.Path.Combine(Folder, $"offpeak-simulation-{Guid.NewGuid():N}.db");

    private static void ClearPool(string path)
    {
        // The engine's own connection string: pools are found by it.
        var text = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, ForeignKeys = true }.ToString();
        using var connection = new SqliteConnection(text);
        SqliteConnection.ClearPool(connection);
    }

    private static void Delete(string path)
    {
        ClearPool(path);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(path + suffix);
    }
}
