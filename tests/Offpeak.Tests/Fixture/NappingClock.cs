using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Offpeak.Tests.Fixture;

/// <summary>
/// The world's clock for a process that waits in the foreground: when it waits for a few seconds, which is longer than nothing and shorter
/// than a lease, the world is later by that, and nobody has waited.
/// </summary>
internal sealed class NappingClock(FakeTimeProvider world) : TimeProvider
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<TimeSpan> naps = new();

    public IReadOnlyList<TimeSpan> Naps => [.. naps];

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow();

    public override long GetTimestamp() => world.GetTimestamp();

    public override long TimestampFrequency => world.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = world.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= Longest)
        {
            naps.Enqueue(dueTime);
            // Whoever waits gets its timer before the timer fires.
            ThreadPool.UnsafeQueueUserWorkItem(_ => world.Advance(dueTime), null);
        }

        return timer;
    }
}
