using System.Collections.Concurrent;
using Offpeak.Queues;

namespace Offpeak.Tests.Fixture;

/// <summary>A queue that keeps what it is given until a test delivers it, and can refuse it.</summary>
internal sealed class RecordingQueue : IPollQueue
{
    private ConcurrentQueue<QueuedPoll> waiting = new();

    /// <summary>Throws to refuse a request.</summary>
    public Action<PollRequest>? OnEnqueue { get; set; }

    public IReadOnlyList<QueuedPoll> Waiting => [.. waiting];

    public Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken)
    {
        OnEnqueue?.Invoke(request);
        waiting.Enqueue(new QueuedPoll(request, delay));
        return Task.CompletedTask;
    }

    /// <summary>Everything that waits, which waits no longer: delivered to the caller, or dropped by it.</summary>
    public IReadOnlyList<QueuedPoll> Take() => [.. Interlocked.Exchange(ref waiting, new ConcurrentQueue<QueuedPoll>())];
}
