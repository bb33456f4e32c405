using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Offpeak.Queues;

/// <summary>A queue in memory: chains die with the process, and the sweeps bring them back.</summary>
internal sealed class InProcessPollQueue(TimeProvider time) : IPollQueue, IDisposable
{
    private readonly Channel<PollRequest> due = Channel.CreateUnbounded<PollRequest>();
    private readonly ConcurrentDictionary<ITimer, byte> waiting = new();

    public ChannelReader<PollRequest> Due => due.Reader;

    public Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay <= TimeSpan.Zero)
            due.Writer.TryWrite(request);
        else
            StartTimer(request, delay);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var timer in waiting.Keys)
            timer.Dispose();
    }

    private void StartTimer(PollRequest request, TimeSpan delay)
    {
        // Created stopped, so that it is known before it can fire.
        ITimer? timer = null;
        timer = time.CreateTimer(_ => Fire(request, timer!), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        waiting.TryAdd(timer, 0);
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void Fire(PollRequest request, ITimer timer)
    {
        due.Writer.TryWrite(request);
        waiting.TryRemove(timer, out _);
        timer.Dispose();
    }
}
