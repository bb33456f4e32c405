using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Offpeak.CrashTests.Worker;

/// <summary>
/// Tables beside Offpeak's own: the handler's effects, and a history of every status change, written by triggers in the transaction that
/// made the change, so that it is exactly what was committed.
/// </summary>
internal static class Observation
{
    private const string SqliteSchema =
        """
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS effects (dispatch_id TEXT NOT NULL, answers INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS history (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id INTEGER NOT NULL, was TEXT NOT NULL, became TEXT NOT NULL);
        CREATE TRIGGER IF NOT EXISTS watch_entries AFTER UPDATE OF status ON offpeak_entries WHEN old.status <> new.status
        BEGIN INSERT INTO history (kind, id, was, became) VALUES ('entry', new.id, old.status, new.status); END;
        CREATE TRIGGER IF NOT EXISTS watch_shards AFTER UPDATE OF status ON offpeak_shards WHEN old.status <> new.status
        BEGIN INSERT INTO history (kind, id, was, became) VALUES ('shard', new.id, old.status, new.status); END;
        CREATE TRIGGER IF NOT EXISTS watch_batches AFTER UPDATE OF status ON offpeak_batches WHEN old.status <> new.status
        BEGIN INSERT INTO history (kind, id, was, became) VALUES ('batch', new.id, old.status, new.status); END;
        COMMIT;
        """;

    private const string PostgresSchema =
        """
        BEGIN;
        SELECT pg_advisory_xact_lock(1);
        CREATE TABLE IF NOT EXISTS effects (dispatch_id text NOT NULL, answers integer NOT NULL);
        CREATE TABLE IF NOT EXISTS history (
            seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, id bigint NOT NULL, was text NOT NULL, became text NOT NULL);
        CREATE OR REPLACE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO history (kind, id, was, became) VALUES (TG_ARGV[0], NEW.id, OLD.status, NEW.status);
            RETURN NULL;
        END $$;
        -- Made once: a trigger made anew locks its table against the workers that are at work.
        DO $do$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'watch_batches') THEN
                CREATE TRIGGER watch_entries AFTER UPDATE OF status ON offpeak_entries
                    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION watch('entry');
                CREATE TRIGGER watch_shards AFTER UPDATE OF status ON offpeak_shards
                    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION watch('shard');
                CREATE TRIGGER watch_batches AFTER UPDATE OF status ON offpeak_batches
                    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION watch('batch');
            END IF;
        END $do$;
        COMMIT;
        """;

    private const string Rival =
        """
        UPDATE offpeak_shards SET version = version + 1, lease_owner = NULL, lease_until = NULL
        WHERE status IN ('submitting', 'submitted', 'in_progress', 'ended');
        """;

    public static void Begin(WorkerSettings settings)
    {
        using var connection = Open(settings.Store, settings.Database);
        Execute(connection, settings.Store == StoreName.Sqlite ? SqliteSchema : PostgresSchema);
    }

    /// <summary>What another worker does that takes over every shard at once.</summary>
    public static void TakeOver(WorkerSettings settings)
    {
        using var connection = Open(settings.Store, settings.Database);
        Execute(connection, Rival);
    }

    public static DbConnection Open(StoreName store, string database)
    {
        DbConnection connection = store == StoreName.Sqlite
            ? new SqliteConnection($"Data Source={database};Default Timeout=30;Pooling=False")
            : new NpgsqlConnection($"{database};Pooling=false");
        connection.Open();
        return connection;
    }

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
