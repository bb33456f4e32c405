namespace Offpeak.Simulation.World;

/// <summary>
/// One process's clock: the world's, fast or slow by a fixed amount. Its timers are events of the world, so they stand still while the process
/// is suspended.
/// </summary>
internal sealed class SimClock(Simulation world, SimProcess process, TimeSpan skew) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Now + skew;

    public override long GetTimestamp() => world.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(world, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(Simulation world, SimProcess process, TimerCallback callback, object? state) : ITimer
    {
        private int generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++generation;
            if (dueTime != Timeout.InfiniteTimeSpan)
                world.At(dueTime, $"{process.Owner}: timer", () => Fire(mine), process, () => mine == generation);

            return true;
        }

        public void Dispose() => generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private Task Fire(int mine)
        {
            if (mine == generation)
                callback(state);

            return Task.CompletedTask;
        }
    }
}
