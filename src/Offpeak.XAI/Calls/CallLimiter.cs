namespace Offpeak.XAI.Calls;

/// <summary>Keeps the calls of this process within so many in any window of time, in the order they asked.</summary>
internal sealed class CallLimiter(int calls, TimeSpan window, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<DateTimeOffset> slots = new();

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = Reserve();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    /// <summary>Takes the next free slot and says how far off it is.</summary>
    private TimeSpan Reserve()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var slot = slots.Count < calls ? now : slots.Dequeue() + window;
            slot = slot > now ? slot : now;
            slots.Enqueue(slot);
            return slot - now;
        }
    }
}
