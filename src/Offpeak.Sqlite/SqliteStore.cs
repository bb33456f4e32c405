using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Offpeak.Kit.Json;
using Offpeak.Storage;
using Offpeak.Storage.Sql;

namespace Offpeak.Sqlite;

/// <summary>
/// The store in one SQLite file. Times are compared with the given clock: every process that has the file open is on the same machine. A
/// transaction that writes takes the write lock when it begins, so transactions never overlap.
/// </summary>
internal sealed class SqliteStore : SqlStore, IDisposable
{
    // SQLite's own fine-grained waiting for a busy database, full durability at every commit, and room for bulk work: a page cache that holds the
    // indexes of a batch, and a log that is folded into the file every 16 MB instead of at every second chunk of entries.
    private const string Pragmas =
        "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 2000;";

    private readonly string connectionString;
    private readonly TimeProvider time;
    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private bool isDisposed;

    public SqliteStore(string path, TimeProvider time)
        : this(path, time, lent: null)
    {
    }

    private SqliteStore(string path, TimeProvider time, DbTransaction? lent)
        : base(new GivenClock(time), lent)
    {
        Path = path;
        this.time = time;
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, ForeignKeys = true, Pooling = false }.ToString();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    protected override string ForUpdate => "";

    public override IOffpeakStore In(DbTransaction transaction) => transaction is SqliteTransaction
        ? new SqliteStore(Path, time, transaction)
        : throw new ArgumentException($"A transaction on {Path} is needed, made by Microsoft.Data.Sqlite.", nameof(transaction));

    public override Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow());

    public override Task MigrateAsync(CancellationToken cancellationToken) => WithFileAsync(
        connection =>
        {
            SqliteSchema.Migrate(connection, Path);
            return true;
        },
        cancellationToken);

    public override async Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken) =>
        new(File.Exists(Path) && await WithFileAsync(SqliteSchema.Has, cancellationToken), OtherSchemas: []);

    public void Dispose()
    {
        isDisposed = true;
        while (idle.TryTake(out var connection))
            connection.Dispose();
    }

    private async Task<T> WithFileAsync<T>(Func<SqliteConnection, T> use, CancellationToken ct)
    {
        try
        {
            await using var connection = new SqliteConnection(connectionString);
            await connection.OpenAsync(ct);
            return use(connection);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error, Path);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new OffpeakException(OffpeakErrorCode.Database, $"The database {Path} cannot be opened: {error.Message}", error);
        }
    }

    protected override string Length(string column) => $"length({column})";

    protected override string OrColumn(string body, string column, string bytes) =>
        $"CASE WHEN {bytes} < {LargeBodies.Threshold} THEN {body} ELSE {column} END";

    protected override async ValueTask<DbConnection> OpenAsync(CancellationToken ct)
    {
        if (idle.TryTake(out var known))
            return known;

        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(ct);
            connection.CreateFunction("offpeak_add", (decimal left, decimal right) => left + right, isDeterministic: true);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    protected override void GiveBack(DbConnection connection)
    {
        if (isDisposed || connection.State != System.Data.ConnectionState.Open)
            connection.Dispose();
        else
            idle.Add((SqliteConnection)connection);
    }

    // Immediate: a deferred transaction that reads and then writes fails when another has written meanwhile.
    protected override ValueTask<DbTransaction> BeginAsync(DbConnection connection, CancellationToken ct) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    // A transaction that writes is alone in the file.
    protected override Task LockQueueAsync(SqlSession session, string queue, CancellationToken ct) => Task.CompletedTask;

    protected override Task InsertEntriesAsync(SqlSession session, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken ct)
    {
        SqliteBulk.Insert((SqliteConnection)session.Connection, batchId, rows);
        return Task.CompletedTask;
    }

    protected override Task<bool[]> ApplyRowsAsync(SqlSession session, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken ct) =>
        Task.FromResult(SqliteBulk.Apply((SqliteConnection)session.Connection, shardId, rows));

    protected override Exception Translate(Exception error) =>
        error is SqliteException cause && SqliteErrors.TryExplain(cause, Path) is { } explained ? explained : error;
}
