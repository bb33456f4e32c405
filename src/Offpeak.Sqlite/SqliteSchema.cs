using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Offpeak.Sqlite;

/// <summary>Makes and upgrades the tables. A file may hold tables of others: ours are named <c>offpeak_*</c> and keep their version in one of them.</summary>
internal static class SqliteSchema
{
    /// <summary>The version that this code works with.</summary>
    public const int Current = 3;

    /// <summary>"Offp" as a number: the application id of files that are ours alone.</summary>
    public const int ApplicationId = 0x4F666670;

    /// <summary>Brings a database to the current version. Nearly free when there is nothing to do.</summary>
    /// <exception cref="OffpeakException">It was made by a newer version.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        if (Check(connection, path) == Current)
            return;

        RestrictAccess(path);
        // A 2 KB body takes a page of the default 4 KB for itself; of 8 KB, three or four share one. Has no effect on a file that exists.
        Execute(connection, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL;");
        // Renaming a table must not follow references half way; they cannot be turned off inside the transaction.
        Execute(connection, "PRAGMA foreign_keys = OFF;");
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            // Another process may have been faster.
            if (Check(connection, path) is var version && version != Current)
                Upgrade(connection, version);

            transaction.Commit();
        }

        Execute(connection, "PRAGMA foreign_keys = ON;");
    }

    /// <summary>Whether the file has our tables, of whatever version.</summary>
    public static bool Has(SqliteConnection connection) => Exists(connection, "offpeak_schema") || Exists(connection, "offpeak_batches");

    private static void Upgrade(SqliteConnection connection, long version)
    {
        var isOurs = Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'offpeak_%' AND name NOT LIKE '%offpeak_%' AND name NOT LIKE '__EF%';") == 0;
        if (version == 0)
            Run(connection, "003-new.sql");

        if (version == 1)
            Run(connection, "002-from-first.sql");

        if (version is 1 or 2)
            Run(connection, "003-from-0.1.sql");

        Run(connection, "003-indexes.sql");
        if (isOurs)
            Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Current};");
    }

    /// <returns>The version of our tables in the file; 0 if there are none.</returns>
    private static long Check(SqliteConnection connection, string path)
    {
        var version = Exists(connection, "offpeak_schema") ? Scalar(connection, "SELECT max(version) FROM offpeak_schema;")
            : !Exists(connection, "offpeak_batches") ? 0
            // Version 0.1 kept it in the file itself.
            : Scalar(connection, "PRAGMA user_version;") is var old and > 0 ? old : Exists(connection, "offpeak_entries", "turn") ? 2 : 1;
        return version <= Current
            ? version
            : throw new OffpeakException(OffpeakErrorCode.Database, $"The database {path} was made by a newer version of Offpeak; update Offpeak.");
    }

    // The file holds prompts and answers: readable by its owner alone. SQLite gives its side files the same mode.
    private static void RestrictAccess(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && new FileInfo(path).Length == 0)
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static bool Exists(SqliteConnection connection, string table) =>
        Scalar(connection, $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}';") > 0;

    private static bool Exists(SqliteConnection connection, string table, string column) =>
        Scalar(connection, $"SELECT count(*) FROM pragma_table_info('{table}') WHERE name = '{column}';") > 0;

    private static void Run(SqliteConnection connection, string script)
    {
        using var reader = new StreamReader(typeof(SqliteSchema).Assembly.GetManifestResourceStream(script)!);
        Execute(connection, reader.ReadToEnd());
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
