using System.Collections.Concurrent;
using Offpeak.Work;

namespace Offpeak.Tests.Fixture;

/// <summary>
/// A queue that keeps polls and handlers until a test delivers them, and can refuse them. A batch's next step is taken at once; submits are left to the
/// submit sweep, which tests run themselves.
/// </summary>
internal sealed class RecordingQueue : IWorkQueue
{
    private ConcurrentQueue<QueuedWork> waiting = new();

    /// <summary>Throws to refuse an item.</summary>
    public Action<WorkItem>? OnEnqueue { get; set; }

    /// <summary>Takes a batch's next step.</summary>
    public Func<WorkItem, Task>? OnAdvance { get; set; }

    public IReadOnlyList<QueuedWork> Waiting => [.. waiting];

    public async Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (item.Kind == WorkKind.Submit)
            return;

        OnEnqueue?.Invoke(item);
        if (item.Kind == WorkKind.Advance && OnAdvance is not null)
            await OnAdvance(item);
        else
            waiting.Enqueue(new QueuedWork(item, delay));
    }

    /// <summary>Everything that waits, which waits no longer: delivered to the caller, or dropped by it.</summary>
    public IReadOnlyList<QueuedWork> Take() => [.. Interlocked.Exchange(ref waiting, new ConcurrentQueue<QueuedWork>())];
}
