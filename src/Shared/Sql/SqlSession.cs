using System.Data.Common;

namespace Offpeak.Storage.Sql;

/// <summary>A connection in use, with the transaction that a verb has opened on it or that a caller has lent.</summary>
internal sealed class SqlSession(
    DbConnection connection, DbTransaction? transaction, bool isLent, Action<DbConnection>? giveBack, SqlClock clock) : IAsyncDisposable
{
    private const string Savepoint = "offpeak";

    private bool isOver;

    private bool hasSavepoint;

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

    /// <summary>Marks in a lent transaction where a verb begins, so that a refusal leaves the owner's own rows alone.</summary>
    public async Task SaveAsync(CancellationToken ct)
    {
        await transaction!.SaveAsync(Savepoint, ct);
        hasSavepoint = true;
    }

    /// <summary>Commits; a lent transaction is its owner's to commit.</summary>
    public async Task CommitAsync(CancellationToken ct)
    {
        if (hasSavepoint)
            await transaction!.ReleaseAsync(Savepoint, ct);
        else if (!isLent && transaction is not null)
            await transaction.CommitAsync(ct);

        isOver = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (isLent)
        {
            if (hasSavepoint && !isOver)
                await RollBackAsync(t => t.RollbackAsync(Savepoint, CancellationToken.None));

            return;
        }

        if (transaction is not null)
        {
            if (!isOver)
                await RollBackAsync(t => t.RollbackAsync(CancellationToken.None));

            await transaction.DisposeAsync();
        }

        giveBack?.Invoke(connection);
    }

    private async Task RollBackAsync(Func<DbTransaction, Task> rollBack)
    {
        try
        {
            await rollBack(transaction!);
        }
        catch (Exception error) when (error is DbException or InvalidOperationException)
        {
            // The connection is broken, or the database has rolled back by itself: either way nothing was kept.
        }
    }
}
