using System.Data.Common;

namespace Offpeak.Storage.Sql;

/// <summary>
/// The verbs of the store in SQL that SQLite and PostgreSQL both understand. A driver adds how it connects, which clock it compares with, its
/// bulk paths and its errors. Rows are locked in the order batch, shard, entries; only results, which come for many shards of a batch at once, lock
/// their batch last, for its counts. Whoever loses a deadlock over that is done again by a driver that knows deadlocks.
/// </summary>
internal abstract partial class SqlStore(SqlClock clock, DbTransaction? lent) : IOffpeakStore
{
    /// <summary>The clock that due times and leases are compared with.</summary>
    protected SqlClock Clock => clock;

    /// <summary>The transaction that a caller has lent, or null.</summary>
    protected DbTransaction? Lent => lent;

    /// <inheritdoc/>
    public abstract Task MigrateAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract IOffpeakStore In(DbTransaction transaction);

    /// <summary>What follows a SELECT so that the rows are locked until the transaction ends; empty where a transaction is alone anyway.</summary>
    protected abstract string ForUpdate { get; }

    /// <summary>Length in bytes of a binary column, as SQL.</summary>
    protected abstract string Length(string column);

    /// <summary>A request's body, or the name of its column if a driver would rather read so large a one apart from the row; as SQL.</summary>
    protected virtual string OrColumn(string body, string column, string bytes) => body;

    /// <summary>Opens a connection.</summary>
    protected abstract ValueTask<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>Takes back a connection that is not used any more.</summary>
    protected abstract void GiveBack(DbConnection connection);

    /// <summary>Begins a transaction that may write.</summary>
    protected abstract ValueTask<DbTransaction> BeginAsync(DbConnection connection, CancellationToken ct);

    /// <summary>Inserts entries with their bodies, ids ascending in the given order.</summary>
    protected abstract Task InsertEntriesAsync(SqlSession session, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken ct);

    /// <summary>Applies results to entries that are still submitted in the shard, and stores their bodies.</summary>
    /// <returns>For each row, whether its entry took it.</returns>
    protected abstract Task<bool[]> ApplyRowsAsync(SqlSession session, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken ct);

    /// <summary>Keeps other transactions from counting the same queue of tokens until this one ends.</summary>
    protected abstract Task LockQueueAsync(SqlSession session, string queue, CancellationToken ct);

    /// <summary>What an error of the database means for a caller; the error itself if there is nothing better to say.</summary>
    protected abstract Exception Translate(Exception error);

    /// <summary>Runs a verb of which no more than one statement writes.</summary>
    protected virtual async Task<T> RunAsync<T>(Func<SqlSession, Task<T>> verb, CancellationToken ct)
    {
        try
        {
            await using var session = await ConnectAsync(ct);
            return await verb(session);
        }
        catch (DbException error)
        {
            throw Translate(error);
        }
    }

    /// <summary>Runs a verb that is several statements in one transaction, which it commits by returning; null or false rolls it back.</summary>
    protected virtual async Task<T> RunInTransactionAsync<T>(Func<SqlSession, Task<T>> verb, CancellationToken ct)
    {
        try
        {
            await using var session = await BeginAsync(ct);
            var result = await verb(session);
            if (result is not (null or false))
                await session.CommitAsync(ct);

            return result;
        }
        catch (DbException error)
        {
            throw Translate(error);
        }
    }

    private async Task<SqlSession> ConnectAsync(CancellationToken ct) => lent is not null
        ? new SqlSession(lent.Connection!, lent, isLent: true, null, clock)
        : new SqlSession(await OpenAsync(ct), null, isLent: false, GiveBack, clock);

    private async Task<SqlSession> BeginAsync(CancellationToken ct)
    {
        if (lent is not null)
        {
            var session = new SqlSession(lent.Connection!, lent, isLent: true, null, clock);
            await session.SaveAsync(ct);
            return session;
        }

        var connection = await OpenAsync(ct);
        try
        {
            return new SqlSession(connection, await BeginAsync(connection, ct), isLent: false, GiveBack, clock);
        }
        catch
        {
            GiveBack(connection);
            throw;
        }
    }

    private static Page<T> ToPage<T>(List<T> rows, int limit, Func<T, long> id) => new(rows, rows.Count < limit ? null : id(rows[^1]));

    private static string Ids(IEnumerable<long> ids) => string.Join(',', ids);

    private static string Names(string name, int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"@{name}{i}"));
}
