using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Offpeak.Storage;

namespace Offpeak.Sqlite;

/// <summary>Opens, checks and migrates a database file.</summary>
internal static class SqliteDatabase
{
    /// <summary>"Offp" as a number: SQLite's application id of our files.</summary>
    public const int ApplicationId = 0x4F666670;

    public const int CannotOpen = 14;
    public const int NotADatabase = 26;

    /// <summary>
    /// Brings the database to this version's schema; makes it if it does not exist. Nearly free when there is nothing to do.
    /// </summary>
    /// <exception cref="OffpeakException">The file cannot be used; the message says why and what to do.</exception>
    public static async Task MigrateAsync(IDbContextFactory<OffpeakDbContext> contexts, string path, CancellationToken ct)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            await db.Database.OpenConnectionAsync(ct);
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            if (Check(connection, path) == SchemaVersion.Current)
                return;
            RestrictAccess(path);
            // A 2 KB body takes a page of the default 4 KB for itself; of 8 KB, three or four share one. Has no effect on a file that exists.
            Execute(connection, "PRAGMA page_size = 8192;");
            // Foreign keys are off while tables are rebuilt: dropping one would delete its children. They cannot be turned off later.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF;");
            await ApplyMigrationsAsync(db, connection, path, ct);
            Execute(connection, "PRAGMA foreign_keys = ON;");
        }
        catch (SqliteException error)
        {
            throw Explain(error, path);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new OffpeakException(OffpeakErrorCode.Database, $"The database {path} cannot be opened: {error.Message}", error);
        }
    }

    // One transaction of SQLite's own instead of Entity Framework's lock table: a process killed here leaves nothing behind, where that lock
    // would stay taken and keep every later start waiting.
    private static async Task ApplyMigrationsAsync(OffpeakDbContext db, SqliteConnection connection, string path, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (Check(connection, path) == SchemaVersion.Current)
            return;
        var applied = await db.Database.GetAppliedMigrationsAsync(ct);
        var script = db.GetService<IMigrator>().GenerateScript(applied.LastOrDefault(), options: MigrationsSqlGenerationOptions.NoTransactions);
        Execute(connection, script);
        Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SchemaVersion.Current};");
        await transaction.CommitAsync(ct);
    }

    public static OffpeakException Explain(SqliteException error, string path) => new(
        OffpeakErrorCode.Database,
        error.SqliteErrorCode switch
        {
            NotADatabase => $"{path} is not a database; name another file with --db.",
            11 => $"The database {path} is damaged; restore it from a backup, or name another file with --db.",
            13 => $"The disk is full: {path} cannot grow. Free some space and run the same command again; nothing is lost.",
            CannotOpen => $"The database {path} cannot be opened; check that the folder exists and that you may write to it.",
            8 => $"The database {path} is read-only; check its permissions.",
            10 => $"The database {path} cannot be read or written (input/output error); check the disk, then run the same command again.",
            5 or 6 => $"The database {path} is locked by another program; close it and run the same command again.",
            _ => $"The database {path} cannot be used: {error.Message}",
        },
        error);

    /// <returns>The schema version of the file; 0 for a new one.</returns>
    private static long Check(SqliteConnection connection, string path)
    {
        var applicationId = Scalar(connection, "PRAGMA application_id;");
        var version = Scalar(connection, "PRAGMA user_version;");
        if (applicationId != ApplicationId && Scalar(connection, "SELECT count(*) FROM sqlite_master;") > 0
            && Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'offpeak_batches';") == 0)
        {
            throw new OffpeakException(OffpeakErrorCode.Database, $"{path} is a database of another program; name another file with --db.");
        }

        if (version > SchemaVersion.Current)
        {
            throw new OffpeakException(
                OffpeakErrorCode.Database, $"The database {path} was made by a newer version of Offpeak; update Offpeak, or name another file with --db.");
        }

        return version;
    }

    // The file holds prompts and answers: readable by its owner alone. SQLite gives its side files the same mode.
    private static void RestrictAccess(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && new FileInfo(path).Length == 0)
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
