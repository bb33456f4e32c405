using Offpeak.Work;

namespace Offpeak.Hosting;

/// <summary>The queue of a process that neither works nor has a queue of its host's: what is due stands in the rows, and whoever looks finds it.</summary>
internal sealed class NoWorkQueue : IWorkQueue
{
    public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;
}
