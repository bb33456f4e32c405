using Offpeak.Handlers;

namespace Offpeak.Simulation.World;

/// <summary>A handler that promises nothing.</summary>
internal sealed class PlainHandler(Simulation world, SimProcess process) : IBatchHandler
{
    public Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken) =>
        world.Handlers.RunPlainAsync(process, outcome, cancellationToken);
}
