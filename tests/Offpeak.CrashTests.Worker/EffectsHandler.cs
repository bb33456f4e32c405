using System.Data.Common;
using Offpeak.Batches;
using Offpeak.Handlers;

namespace Offpeak.CrashTests.Worker;

/// <summary>
/// Does one thing of each kind: a line in a file outside, which happens at least once, and a row in the same transaction as the mark that
/// the dispatch is done, which happens exactly once.
/// </summary>
internal sealed class EffectsHandler(WorkerSettings settings, CrashSwitch crash) : IBatchHandler
{
    public async Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken)
    {
        await File.AppendAllTextAsync(settings.OutsideFile, outcome.DispatchId + "\n", CancellationToken.None);
        crash.Reached(WorkerPoint.OutsideWritten);
        Console.WriteLine(WorkerWords.Handling);
        var stop = settings.HandlerIsDeaf ? CancellationToken.None : cancellationToken;
        if (settings.HandlerDelay > TimeSpan.Zero)
            await Task.Delay(settings.HandlerDelay, TimeProvider.System, stop);
        await WriteAsync(outcome, stop);
    }

    private async Task WriteAsync(BatchOutcome outcome, CancellationToken stop)
    {
        var answers = await outcome.ReadEntriesAsync(stop).CountAsync(entry => entry.Status == EntryStatus.Succeeded, stop);
        await using var connection = Observation.Open(settings.Store, settings.Database);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO effects (dispatch_id, answers) VALUES (@dispatch, @answers);";
        Bind(command, "dispatch", outcome.DispatchId);
        Bind(command, "answers", answers);
        await command.ExecuteNonQueryAsync(stop);
        crash.Reached(WorkerPoint.EffectWritten);
        await outcome.CompleteInAsync(transaction, stop);
        crash.Reached(WorkerPoint.DispatchMarked);
        await transaction.CommitAsync(CancellationToken.None);
        crash.Reached(WorkerPoint.EffectCommitted);
    }

    private static void Bind(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
