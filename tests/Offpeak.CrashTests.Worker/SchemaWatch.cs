using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Offpeak.CrashTests.Worker;

/// <summary>Reports each command that makes the schema, so that a process can die between any two of them.</summary>
internal sealed class SchemaWatch(CrashSwitch crash) : DbCommandInterceptor
{
    private bool made;

    public void SchemaIsMade() => made = true;

    public override ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Report();
        return new(result);
    }

    public override ValueTask<object?> ScalarExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, object? result, CancellationToken cancellationToken = default)
    {
        Report();
        return new(result);
    }

    private void Report()
    {
        if (!made)
            crash.Reached(WorkerPoint.SchemaCommand);
    }
}
