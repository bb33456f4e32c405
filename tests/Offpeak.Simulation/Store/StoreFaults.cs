using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Offpeak.Simulation.World;

namespace Offpeak.Simulation.Store;

/// <summary>Makes one process's commands and commits fail, before or after they have taken effect, and lets others run while it waits.</summary>
internal sealed class StoreFaults(World.Simulation world, SimProcess process) : DbCommandInterceptor, IDbTransactionInterceptor
{
    private const int SqliteInputOutputError = 10;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Before(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        After(Fault.StoreFailsAfter);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Before(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        After(Fault.StoreFailsAfter);
        return ValueTask.FromResult(result);
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Call(Fault.CommitFailsBefore);
        return ValueTask.FromResult(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        After(Fault.CommitFailsAfter);
        return Task.CompletedTask;
    }

    private void Before(DbContext? context)
    {
        process.ThrowIfDead();
        if (context?.Database.CurrentTransaction is null)
            world.Pause();
        Call(Fault.StoreFailsBefore);
    }

    private void Call(Fault fault)
    {
        process.ThrowIfDead();
        if (++world.StoreCalls == world.Plan.FailingStoreCall && !world.Plan.FailsAfterEffect)
            throw Failure();
        if (world.Happens(Fault.CrashAtStore))
            process.Crash();
        if (world.Happens(fault))
            throw Failure();
    }

    private void After(Fault fault)
    {
        if (world.StoreCalls == world.Plan.FailingStoreCall && world.Plan.FailsAfterEffect)
            throw Failure();
        if (world.Happens(Fault.CrashAfterStore))
            process.Crash();
        if (world.Happens(fault))
            throw Failure();
    }

    private static SqliteException Failure() => new("disk I/O error", SqliteInputOutputError);
}
