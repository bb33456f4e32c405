using System.Collections.Concurrent;
using System.Threading.Channels;
using Offpeak.Work;

namespace Offpeak.Hosting;

/// <summary>
/// A queue in memory: what it holds dies with the process, and the sweeps bring it back. Of each kind of work on a row it gives out one item at a
/// time: sweeps that find the same work again, while it waits or while it is being done, do not fill it.
/// </summary>
internal sealed class InProcessWorkQueue(TimeProvider time) : IWorkQueue, IDisposable
{
    private readonly Channel<(WorkKind Kind, long Id)> due = Channel.CreateUnbounded<(WorkKind Kind, long Id)>();
    private readonly ConcurrentDictionary<ITimer, byte> waiting = new();
    private readonly Lock gate = new();

    // What is to be done next on each row that is known; null while its work is done and nobody has asked for more.
    private readonly Dictionary<(WorkKind Kind, long Id), WorkItem?> next = [];

    public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay <= TimeSpan.Zero)
            Deliver(item);
        else
            StartTimer(item, delay);

        return Task.CompletedTask;
    }

    /// <summary>The next item that is due. What else comes for its row waits until it is <see cref="Done"/>.</summary>
    public async Task<WorkItem> TakeAsync(CancellationToken ct)
    {
        var row = await due.Reader.ReadAsync(ct);
        lock (gate)
        {
            var item = next[row]!.Value;
            next[row] = null;
            return item;
        }
    }

    /// <summary>The work on an item has ended. It may have read its row before somebody asked for it again: then it is given out once more.</summary>
    public void Done(WorkItem item)
    {
        lock (gate)
        {
            if (next[(item.Kind, item.Id)] is not null)
                due.Writer.TryWrite((item.Kind, item.Id));
            else
                next.Remove((item.Kind, item.Id));
        }
    }

    public void Dispose()
    {
        foreach (var timer in waiting.Keys)
            timer.Dispose();
    }

    private void Deliver(WorkItem item)
    {
        lock (gate)
        {
            var row = (item.Kind, item.Id);
            if (!next.TryGetValue(row, out var known))
                due.Writer.TryWrite(row);

            // A poll of an older generation would only end itself.
            if (known is null || known.Value.Generation < item.Generation)
                next[row] = item;
        }
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
