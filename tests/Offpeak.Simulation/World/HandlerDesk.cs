using Offpeak.Batches;
using Offpeak.Handlers;

namespace Offpeak.Simulation.World;

/// <summary>What the handlers do: read the outcome, fail by the seed, and, if transactional, write one row in the transaction that marks the dispatch.</summary>
internal sealed class HandlerDesk(Simulation world)
{
    public const string Plain = "plain";
    public const string Transactional = "transactional";
    public const string Late = "late";

    private readonly HashSet<string> mayBeDone = [];

    /// <summary>Whether a run of the handler has got so far that the dispatch may be marked done.</summary>
    public bool MayBeDone(string dispatchId) => mayBeDone.Contains(dispatchId);

    public async Task RunPlainAsync(SimProcess process, BatchOutcome outcome, CancellationToken ct)
    {
        await BeginAsync(process, outcome, ct);
        mayBeDone.Add(outcome.DispatchId);
    }

    public async Task RunTransactionalAsync(SimProcess process, BatchOutcome outcome, CancellationToken ct)
    {
        await BeginAsync(process, outcome, ct);
        await world.WhileLockedAsync(() => WriteAsync(process, outcome, ct));
    }

    private async Task BeginAsync(SimProcess process, BatchOutcome outcome, CancellationToken ct)
    {
        world.Log($"  handler runs for {outcome.DispatchId}, attempt {outcome.Attempt}");
        await foreach (var entry in outcome.ReadEntriesAsync(ct))
        {
            if (!entry.Status.IsTerminal())
                world.Fail($"G6: the handler of {outcome.DispatchId} sees entry {entry.CustomId} {entry.Status}.");

            // Whoever answered, its own codec reads the answer.
            if (entry.Status == EntryStatus.Succeeded && entry.Text is null)
                world.Fail($"The answer of entry {entry.CustomId} has no text.");
        }

        world.Pause(process);
        process.ThrowIfDead();
        ct.ThrowIfCancellationRequested();
        if (world.Happens(Fault.HandlerFails))
            throw new SimulatedFaultException("The handler fails.");
    }

    private async Task WriteAsync(SimProcess process, BatchOutcome outcome, CancellationToken ct)
    {
        await using var connection = world.Database.Connect();
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO sim_effects (dispatch_id) VALUES ($id);";
        command.Parameters.AddWithValue("$id", outcome.DispatchId);
        await command.ExecuteNonQueryAsync(ct);
        await outcome.CompleteInAsync(transaction, ct);
        if (world.Happens(Fault.HandlerCommitFails))
            throw new SimulatedFaultException("The handler's commit fails.");
        process.ThrowIfDead();
        mayBeDone.Add(outcome.DispatchId);
        await transaction.CommitAsync(ct);
        if (world.Happens(Fault.HandlerCommitUnclear))
            throw new SimulatedFaultException("The handler does not hear of its commit.");
    }
}
