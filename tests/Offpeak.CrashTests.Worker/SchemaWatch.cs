using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Offpeak.CrashTests.Worker;

/// <summary>Reports the steps of the transaction that makes the schema, the first one of a life, so that a process can die in it.</summary>
internal sealed class SchemaWatch(CrashSwitch crash) : DbTransactionInterceptor
{
    private bool made;

    public void SchemaIsMade() => made = true;

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        Report();
        return new(result);
    }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Report();
        return new(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Report();
        return Task.CompletedTask;
    }

    private void Report()
    {
        if (!made)
            crash.Reached(WorkerPoint.SchemaStep);
    }
}
