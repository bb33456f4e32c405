using Offpeak.Handlers;

namespace Offpeak.Simulation.World;

/// <summary>A handler whose effects happen exactly once.</summary>
internal sealed class TransactionalHandler(Simulation world, SimProcess process) : IBatchHandler
{
    public Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken) =>
        world.Handlers.RunTransactionalAsync(process, outcome, cancellationToken);
}
