using Offpeak.Work;

namespace Offpeak.PublicDoor.Tests.Fixture;

/// <summary>A host's own queue. What it takes is delivered when the test says so, if it is due: once, or never, or twice at the same time.</summary>
internal sealed class LossyQueue(TimeProvider time, Func<int, int> copiesOf) : IWorkQueue
{
    private readonly List<(DateTimeOffset Due, WorkItem Item)> items = [];
    private int taken;

    public int Taken => taken;

    public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        lock (items)
        {
            var copies = copiesOf(taken++);
            items.AddRange(Enumerable.Repeat((time.GetUtcNow() + delay, item), copies));
        }

        return Task.CompletedTask;
    }

    /// <summary>Delivers everything that is due, and what comes of it at once, all at the same time.</summary>
    public async Task DeliverAsync(WorkRunner runner)
    {
        while (TakeDue() is { Count: > 0 } due)
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (item, ct) => await runner.RunAsync(item, ct));
    }

    private List<WorkItem> TakeDue()
    {
        lock (items)
        {
            var due = items.Where(waiting => waiting.Due <= time.GetUtcNow()).ToList();
            items.RemoveAll(due.Contains);
            return [.. due.Select(waiting => waiting.Item)];
        }
    }
}
