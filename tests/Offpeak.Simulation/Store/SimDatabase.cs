using Microsoft.Data.Sqlite;
using Offpeak.Sqlite;

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
        CREATE TRIGGER sim_shard AFTER UPDATE ON offpeak_shards WHEN old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('shard', new.id, old.status, new.status); END;
        CREATE TRIGGER sim_entry AFTER UPDATE ON offpeak_entries WHEN old.status <> new.status
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('entry', new.id, old.status, new.status); END;
        CREATE TRIGGER sim_rewritten AFTER UPDATE ON offpeak_entries
        WHEN old.status = new.status AND new.status IN ('succeeded', 'failed', 'canceled', 'expired')
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('rewritten', new.id, new.status); END;
        CREATE TRIGGER sim_unpolled AFTER UPDATE ON offpeak_shards
        WHEN new.next_poll_at IS NULL AND new.results_fetched_at IS NULL AND new.status NOT IN ('pending', 'submitting', 'unconfirmed')
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('unpolled', new.id, new.status); END;
        CREATE TRIGGER sim_given_up AFTER UPDATE ON offpeak_shards
        WHEN new.failure_code = 'max_age' AND old.status <> new.status AND new.provider_batch_id IS NOT NULL
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('given_up', new.id, new.provider_batch_id, new.accepted_at); END;
        CREATE TRIGGER sim_shard_lease AFTER UPDATE ON offpeak_shards WHEN old.lease_owner <> new.lease_owner
        BEGIN INSERT INTO sim_log (kind, row_id, a, b, c) VALUES ('lease', new.id, old.lease_owner, old.lease_until, new.lease_owner); END;
        CREATE TRIGGER sim_batch_lease AFTER UPDATE ON offpeak_batches WHEN old.lease_owner <> new.lease_owner
        BEGIN INSERT INTO sim_log (kind, row_id, a, b, c) VALUES ('lease', new.id, old.lease_owner, old.lease_until, new.lease_owner); END;
        CREATE TRIGGER sim_dispatched AFTER UPDATE ON offpeak_batches
        WHEN old.handler_dispatched_at IS NULL AND new.handler_dispatched_at IS NOT NULL
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('dispatched', new.id, new.dispatch_id); END;
        CREATE TRIGGER sim_dispatch_id AFTER UPDATE ON offpeak_batches
        WHEN old.dispatch_id <> new.dispatch_id AND (old.status <> 'running' OR new.status = 'running')
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) VALUES ('dispatch_id', new.id, old.dispatch_id, new.dispatch_id); END;
        CREATE TRIGGER sim_begun AFTER UPDATE ON offpeak_shards WHEN old.status = 'pending' AND new.status = 'submitting'
        BEGIN
            INSERT INTO sim_log (kind, row_id, a)
            SELECT 'forbidden', new.id, CASE WHEN b.cancel_requested_at IS NOT NULL THEN 'a cancel' WHEN b.status <> 'running' THEN 'an end'
                WHEN new.round > b.round THEN 'its round' WHEN b.failure_code IS NOT NULL THEN b.failure_code ELSE 'a budget' END
            FROM (SELECT *, coalesce(CAST(cost AS REAL), 0) AS spent FROM offpeak_batches WHERE id = new.batch_id) b
            WHERE b.cancel_requested_at IS NOT NULL OR b.status <> 'running' OR new.round > b.round OR b.failure_code IS NOT NULL
                OR (b.max_cost IS NOT NULL AND (new.reserved_cost IS NULL OR b.spent >= CAST(b.max_cost AS REAL) OR b.spent + CAST(new.reserved_cost AS REAL) + (
                    SELECT coalesce(sum(CAST(o.reserved_cost AS REAL)), 0) FROM offpeak_shards o
                    WHERE o.batch_id = b.id AND o.id <> new.id AND o.results_fetched_at IS NULL AND o.status <> 'pending') > CAST(b.max_cost AS REAL) + 0.0000001));
            INSERT INTO sim_log (kind, row_id, a, b)
            SELECT 'queued', new.id, coalesce(sum(enqueued_tokens), 0), new.enqueued_tokens FROM offpeak_shards
            WHERE provider = new.provider AND model = new.model AND id <> new.id AND results_fetched_at IS NULL
                AND status IN ('submitting', 'unconfirmed', 'submitted', 'in_progress') AND new.provider = 'sim';
        END;
        CREATE TRIGGER sim_create AFTER UPDATE ON offpeak_shards WHEN old.create_begun_at IS NOT new.create_begun_at AND new.create_begun_at IS NOT NULL
        BEGIN
            INSERT INTO sim_log (kind, row_id, a)
            SELECT 'forbidden', new.id, 'a cancel, after it had waited' FROM offpeak_batches WHERE id = new.batch_id AND cancel_requested_at IS NOT NULL;
            INSERT INTO sim_log (kind, row_id, a)
            SELECT 'forbidden', new.id, 'a budget, after it had waited' FROM offpeak_batches b
            WHERE b.id = new.batch_id AND b.max_cost IS NOT NULL AND (new.reserved_cost IS NULL
                OR coalesce(CAST(b.cost AS REAL), 0) + CAST(new.reserved_cost AS REAL) + (
                    SELECT coalesce(sum(CAST(o.reserved_cost AS REAL)), 0) FROM offpeak_shards o
                    WHERE o.batch_id = b.id AND o.id <> new.id AND o.results_fetched_at IS NULL AND o.status <> 'pending') > CAST(b.max_cost AS REAL) + 0.0000001);
        END;
        CREATE TRIGGER sim_absent AFTER UPDATE ON offpeak_shards WHEN old.status = 'unconfirmed' AND new.status = 'pending'
        BEGIN INSERT INTO sim_log (kind, row_id, a) VALUES ('absent', new.id, new.submission_key); END;
        CREATE VIEW sim_canary AS SELECT id, CASE WHEN had_no_time THEN sent - failed ELSE good END AS answered, sent
        FROM (SELECT b.id AS id,
            (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id
                AND (e.status = 'succeeded' OR e.continuation = 'tool_calls' OR e.turn > 0)) AS good,
            (SELECT count(*) FROM offpeak_entries e WHERE e.batch_id = b.id AND e.status IN ('failed', 'canceled', 'expired')) AS failed,
            (SELECT coalesce(sum(entry_count), 0) FROM offpeak_shards s WHERE s.batch_id = b.id AND s.round = 1) AS sent,
            EXISTS (SELECT 1 FROM offpeak_shards s WHERE s.batch_id = b.id AND s.round = 1 AND (s.cancel_sent_at IS NOT NULL
                OR s.failure_code = 'max_age' OR (s.status = 'canceled' AND s.accepted_at IS NULL AND s.failure_code IS NULL))) AS had_no_time
        FROM offpeak_batches b);
        CREATE TRIGGER sim_canary_passed AFTER UPDATE ON offpeak_batches
        WHEN old.canary IS NOT NULL AND old.round = 1 AND old.status = 'running' AND (new.round = 2 OR new.canary IS NULL)
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) SELECT 'canary_passed', id, answered, sent FROM sim_canary WHERE id = new.id; END;
        CREATE TRIGGER sim_canary_failed AFTER UPDATE ON offpeak_batches WHEN old.failure_code IS NULL AND new.failure_code = 'canary_failed'
        BEGIN INSERT INTO sim_log (kind, row_id, a, b) SELECT 'canary_failed', id, answered, sent FROM sim_canary WHERE id = new.id; END;
        CREATE TRIGGER sim_lost_entry BEFORE DELETE ON offpeak_entries WHEN (SELECT step FROM offpeak_batches WHERE id = old.batch_id) IS NOT 'delete'
        BEGIN INSERT INTO sim_log (kind, row_id) VALUES ('lost_entry', old.id); END;
        CREATE TRIGGER sim_deleted BEFORE DELETE ON offpeak_batches
        BEGIN
            INSERT INTO sim_log (kind, row_id, a, b, c) VALUES ('deleted', old.id, old.name, old.finished_at,
                CASE WHEN old.status IN ('building', 'running') THEN old.status
                    WHEN old.handler IS NOT NULL AND old.handler_dispatched_at IS NULL THEN 'waiting for its handler'
                    WHEN EXISTS (SELECT 1 FROM offpeak_shards s WHERE s.batch_id = old.id AND s.next_clean_up_at IS NOT NULL AND s.cleaned_up_at IS NULL)
                        THEN 'not cleaned up' END);
        END;
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
        using (var store = new SqliteStore(path, TimeProvider.System))
            store.MigrateAsync(CancellationToken.None).GetAwaiter().GetResult();

        using (var connection = Connect(path))
        {
            using var command = connection.CreateCommand();
            command.CommandText = Schema + "PRAGMA wal_checkpoint(TRUNCATE);";
            command.ExecuteNonQuery();
        }

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

    private static void Delete(string path)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(path + suffix);
    }
}
