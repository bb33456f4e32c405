namespace Offpeak.Handlers;

/// <summary>
/// Runs when a batch has finished: at least once, one run at a time, always with the same <see cref="BatchOutcome.DispatchId"/>. Throw to be
/// run again later. To make the effects happen exactly once, write them in a transaction on Offpeak's own database and call
/// <see cref="BatchOutcome.CompleteInAsync"/> before it commits.
/// </summary>
public interface IBatchHandler
{
    /// <summary>Handles a finished batch.</summary>
    Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken);
}
