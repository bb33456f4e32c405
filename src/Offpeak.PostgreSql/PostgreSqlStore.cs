using System.Data.Common;
using Npgsql;
using Offpeak.PostgreSql.Schema;
using Offpeak.Storage;
using Offpeak.Storage.Sql;

namespace Offpeak.PostgreSql;

/// <summary>The store in a PostgreSQL database, which many processes on many machines may use at once. Times are compared with the server's clock.</summary>
internal sealed class PostgreSqlStore : SqlStore, IDisposable
{
    private const int Attempts = 5;

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly PostgreSqlOptions options;

    public PostgreSqlStore(string address, PostgreSqlOptions options)
        : this(PostgreSqlAddress.Parse(address), options)
    {
    }

    private PostgreSqlStore(NpgsqlConnectionStringBuilder settings, PostgreSqlOptions options)
        : this(Open(settings, options), settings, options, lent: null)
    {
    }

    private PostgreSqlStore(NpgsqlDataSource source, NpgsqlConnectionStringBuilder settings, PostgreSqlOptions options, DbTransaction? lent)
        : base(options.Clock is { } time ? new GivenClock(time) : new DatabaseClock(), lent)
    {
        this.source = source;
        this.settings = settings;
        this.options = options;
    }

    // What a foreign key's check holds is not in its way.
    protected override string ForUpdate => " FOR NO KEY UPDATE";

    public override IOffpeakStore In(DbTransaction transaction) => transaction is NpgsqlTransaction
        ? new PostgreSqlStore(source, settings, options, transaction)
        : throw new ArgumentException($"A transaction on the database {settings.Database} is needed, made by Npgsql.", nameof(transaction));

    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PostgreSqlSchema.MigrateAsync(source, options.Schema, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw Translate(error);
        }
    }

    public override async Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PostgreSqlSchema.FindAsync(source, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw Translate(error);
        }
    }

    public void Dispose()
    {
        if (Lent is null)
            source.Dispose();
    }

    protected override string Length(string column) => $"octet_length({column})";

    protected override async ValueTask<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    protected override void GiveBack(DbConnection connection) => connection.Dispose();

    protected override ValueTask<DbTransaction> BeginAsync(DbConnection connection, CancellationToken ct) => connection.BeginTransactionAsync(ct);

    protected override Task LockQueueAsync(SqlSession session, string queue, CancellationToken ct) =>
        session.Command("SELECT pg_advisory_xact_lock(hashtextextended('offpeak ' || @queue, 0));").Bind("queue", queue).ExecuteAsync(ct);

    protected override Task InsertEntriesAsync(SqlSession session, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken ct) =>
        PostgreSqlBulk.InsertAsync(session, batchId, rows, ct);

    protected override Task<bool[]> ApplyRowsAsync(SqlSession session, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken ct) =>
        PostgreSqlBulk.ApplyAsync(session, shardId, rows, ct);

    protected override Exception Translate(Exception error) => PostgreSqlErrors.Translate(error, settings) ?? error;

    protected override Task<T> RunAsync<T>(Func<SqlSession, Task<T>> verb, CancellationToken ct) =>
        RepeatAsync(() => base.RunAsync(Placed(verb, ct), ct));

    protected override Task<T> RunInTransactionAsync<T>(Func<SqlSession, Task<T>> verb, CancellationToken ct) =>
        RepeatAsync(() => base.RunInTransactionAsync(Placed(verb, ct), ct));

    // The server has rolled back one of two that waited for each other. A verb is one transaction, so it can simply be done again; not so one
    // in a caller's transaction, of which it is only a part.
    private async Task<T> RepeatAsync<T>(Func<Task<T>> run)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run();
            }
            catch (PostgresException error) when (
                error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && Lent is null && attempt < Attempts)
            {
            }
        }
    }

    // The connection of a caller looks for tables elsewhere, and goes on doing so afterwards.
    private Func<SqlSession, Task<T>> Placed<T>(Func<SqlSession, Task<T>> verb, CancellationToken ct) => Lent is null || options.Schema is null
        ? verb
        : async session =>
        {
            var before = await session.Command("SELECT current_setting('search_path');").ScalarAsync(ct);
            await SetPathAsync(session, PostgreSqlSchema.QuoteName(options.Schema), ct);
            var result = await verb(session);
            await SetPathAsync(session, before, ct);
            return result;
        };

    private static Task<object?> SetPathAsync(SqlSession session, object? path, CancellationToken ct) =>
        session.Command("SELECT set_config('search_path', @path, TRUE);").Bind("path", path).ScalarAsync(ct);

    private static NpgsqlDataSource Open(NpgsqlConnectionStringBuilder settings, PostgreSqlOptions options)
    {
        settings.ApplicationName ??= "Offpeak";
        if (options.Schema is not null)
            settings.SearchPath = PostgreSqlSchema.QuoteName(options.Schema);

        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();
        return builder.Build();
    }
}
