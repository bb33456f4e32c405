namespace Offpeak.Tests.Fixture;

/// <summary>The world's clock as a machine has it whose clock is wrong.</summary>
internal sealed class ShiftedClock(TimeProvider world, TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + by;
}
