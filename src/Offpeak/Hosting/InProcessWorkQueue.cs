using System.Collections.Concurrent;
using System.Threading.Channels;
using Offpeak.Work;

namespace Offpeak.Hosting;

/// <summary>
/// A queue in memory: what it holds dies with the process, and the sweeps bring it back. An item that waits already is not taken twice, so
/// that sweeps which find the same work again do not fill it.
/// </summary>
internal sealed class InProcessWorkQueue(TimeProvider time) : IWorkQueue, IDisposable
{
    private readonly Channel<WorkItem> due = Channel.CreateUnbounded<WorkItem>();
    private readonly ConcurrentDictionary<WorkItem, byte> queued = new();
    private readonly ConcurrentDictionary<ITimer, byte> waiting = new();

    public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay <= TimeSpan.Zero)
            Deliver(item);
        else
            StartTimer(item, delay);

        return Task.CompletedTask;
    }

    /// <summary>The next item that is due.</summary>
    public async Task<WorkItem> TakeAsync(CancellationToken ct)
    {
        var item = await due.Reader.ReadAsync(ct);
        queued.TryRemove(item, out _);
        return item;
    }

    public void Dispose()
    {
        foreach (var timer in waiting.Keys)
            timer.Dispose();
    }

    private void Deliver(WorkItem item)
    {
        if (queued.TryAdd(item, 0))
            due.Writer.TryWrite(item);
    }

    private void StartTimer(WorkItem item, TimeSpan delay)
    {
        // Created stopped, so that it is known before it can fire.
        ITimer? timer = null;
        timer = time.CreateTimer(_ => Fire(item, timer!), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        waiting.TryAdd(timer, 0);
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void Fire(WorkItem item, ITimer timer)
    {
        Deliver(item);
        waiting.TryRemove(timer, out _);
        timer.Dispose();
    }
}
