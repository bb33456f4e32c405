using Offpeak.Providers;

namespace Offpeak.Tests.Fixture;

/// <summary>A batch as the fake provider holds it.</summary>
internal sealed class FakeBatch
{
    public required string Id { get; init; }

    public required string Key { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<FakeEntry> Entries { get; init; }

    public ProviderSnapshot Snapshot { get; set; } = new() { State = ProviderBatchState.Running, Status = new("working") };

    public Func<FakeEntry, ProviderResult?>? Answer { get; set; }

    /// <summary>Whether it was seen to be stopped for want of room: then it has answered nothing, unless a test says what.</summary>
    public bool HadNoRoom { get; set; }
}
