using Npgsql;
using Offpeak.Storage;

namespace Offpeak.PostgreSql.Schema;

/// <summary>The tables, made and brought up to date by the numbered scripts beside this file.</summary>
internal static class PostgreSqlSchema
{
    /// <summary>The version of the schema that this library needs.</summary>
    public const int Version = 1;

    // "offpeak" in ASCII: one key for all databases, which have their own locks.
    private const long Lock = 0x6f66667065616b;

    /// <summary>Runs the scripts that the database has not seen, in one transaction in which only one process migrates.</summary>
    public static async Task MigrateAsync(NpgsqlDataSource source, string? schema, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        // The lock is asked for only where there is something to do.
        if (await FindVersionAsync(connection, ct) == Version) return;

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", ct);
        if (schema is not null) await CreateSchemaAsync(connection, schema, ct);

        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS offpeak_schema (version integer NOT NULL)", ct);
        var version = await ReadVersionAsync(connection, ct);
        if (version > Version)
            throw new OffpeakException(OffpeakErrorCode.Database, $"The database was made by a newer version of Offpeak (schema {version}, this one knows {Version}).");

        for (var next = version + 1; next <= Version; next++)
            await ExecuteAsync(connection, ReadScript(next), ct);

        await ExecuteAsync(connection, $"DELETE FROM offpeak_schema; INSERT INTO offpeak_schema VALUES ({Version})", ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Looks for the tables where the connections look, and elsewhere.</summary>
    public static async Task<FoundTables> FindAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var find = new NpgsqlCommand(
            """
            SELECT c.relnamespace::regnamespace::text, c.oid = to_regclass('offpeak_schema') IS TRUE
            FROM pg_class c WHERE c.relname = 'offpeak_schema' AND c.relkind = 'r' ORDER BY 1
            """,
            connection);
        var (areThere, others) = (false, new List<string>());
        await using var row = await find.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (row.GetBoolean(1))
                areThere = true;
            else
                others.Add(row.GetString(0));
        }

        return new FoundTables(areThere, others);
    }

    /// <summary>A name as SQL takes it.</summary>
    public static string QuoteName(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // Not IF NOT EXISTS, which wants the right to create one even where it exists.
    private static async Task CreateSchemaAsync(NpgsqlConnection connection, string schema, CancellationToken ct)
    {
        await using var find = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", connection);
        find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        if (await find.ExecuteScalarAsync(ct) is false) await ExecuteAsync(connection, $"CREATE SCHEMA {QuoteName(schema)}", ct);
    }

    private static async Task<int> FindVersionAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            return await ReadVersionAsync(connection, ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
    }

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM offpeak_schema", connection);
        return (int)(await read.ExecuteScalarAsync(ct))!;
    }

    private static string ReadScript(int version)
    {
        using var script = new StreamReader(typeof(PostgreSqlSchema).Assembly.GetManifestResourceStream($"{version:0000}.sql")!);
        return script.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
