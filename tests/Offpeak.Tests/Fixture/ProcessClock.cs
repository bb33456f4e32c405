namespace Offpeak.Tests.Fixture;

/// <summary>The world's clock as one process has it: while it is suspended, none of its timers fires.</summary>
internal sealed class ProcessClock(TimeProvider world) : TimeProvider
{
    public bool IsSuspended { get; set; }

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow();

    public override long GetTimestamp() => world.GetTimestamp();

    public override long TimestampFrequency => world.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => world.CreateTimer(
        passed =>
        {
            if (!IsSuspended)
                callback(passed);
        },
        state,
        dueTime,
        period);
}
