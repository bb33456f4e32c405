using Offpeak.Work;

namespace Offpeak.Simulation.World;

/// <summary>Delivers in virtual time, and loses, doubles or delays work by the seed. Its content dies with its process.</summary>
internal sealed class SimWorkQueue(Simulation world, SimProcess process) : IWorkQueue
{
    private static readonly TimeSpan LongestExtraDelay = TimeSpan.FromMinutes(20);

    public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        process.ThrowIfDead();
        if (world.Happens(Fault.EnqueueFails))
            throw new SimulatedFaultException("The queue is away.");

        if (world.Happens(Fault.WorkDropped))
            return Task.CompletedTask;

        if (world.Happens(Fault.WorkDelayed))
            delay += LongestExtraDelay * world.Random.NextDouble();

        Deliver(item, delay);
        if (world.Happens(Fault.WorkDuplicated))
            Deliver(item, delay + (LongestExtraDelay * world.Random.NextDouble()));

        return Task.CompletedTask;
    }

    private void Deliver(WorkItem item, TimeSpan delay) =>
        world.At(delay, $"{process.Owner}: {item.Kind} {item.Id}, generation {item.Generation}", () => process.WorkAsync(item), process);
}
