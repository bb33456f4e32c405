using Offpeak.Queues;

namespace Offpeak.Simulation.World;

/// <summary>Delivers in virtual time, and loses, doubles or delays requests by the seed. Its content dies with its process.</summary>
internal sealed class SimPollQueue(Simulation world, SimProcess process) : IPollQueue
{
    private static readonly TimeSpan LongestExtraDelay = TimeSpan.FromMinutes(20);

    public Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken)
    {
        process.ThrowIfDead();
        if (world.Happens(Fault.EnqueueFails))
            throw new SimulatedFaultException("The queue is away.");
        if (world.Happens(Fault.PollDropped))
            return Task.CompletedTask;
        if (world.Happens(Fault.PollDelayed))
            delay += LongestExtraDelay * world.Random.NextDouble();
        Deliver(request, delay);
        if (world.Happens(Fault.PollDuplicated))
            Deliver(request, delay + (LongestExtraDelay * world.Random.NextDouble()));
        return Task.CompletedTask;
    }

    private void Deliver(PollRequest request, TimeSpan delay) => world.At(
        delay,
        $"{process.Owner}: poll {request.ProviderBatchId}, generation {request.Generation}",
        () => process.Dead ? Task.CompletedTask : process.PollAsync(request));
}
