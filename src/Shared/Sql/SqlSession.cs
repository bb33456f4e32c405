using System.Data.Common;

namespace Offpeak.Storage.Sql;

/// <summary>A connection in use, with the transaction that a verb has opened on it or that a caller has lent.</summary>
internal sealed class SqlSession(
    DbConnection connection, DbTransaction? transaction, bool isLent, Action<DbConnection>? giveBack, SqlClock clock) : IAsyncDisposable
{
    private bool isOver;

    public DbConnection Connection => connection;

    public DbTransaction? Transaction => transaction;

    /// <summary>Begins a command.</summary>
    public SqlCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return new SqlCommand(command, clock);
    }

    /// <summary>Commits; a lent transaction is its owner's to commit.</summary>
    public async Task CommitAsync(CancellationToken ct)
    {
        if (!isLent && transaction is not null)
            await transaction.CommitAsync(ct);

        isOver = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (isLent)
            return;

        if (transaction is not null)
        {
            if (!isOver)
                await RollBackAsync(transaction);

            await transaction.DisposeAsync();
        }

        if (giveBack is not null)
            giveBack(connection);
        else
            await connection.DisposeAsync();
    }

    private static async Task RollBackAsync(DbTransaction transaction)
    {
        try
        {
            await transaction.RollbackAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is DbException or InvalidOperationException)
        {
            // The connection is broken, or the database has rolled back by itself: either way nothing was kept.
        }
    }
}
