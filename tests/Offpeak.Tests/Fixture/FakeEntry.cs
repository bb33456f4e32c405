namespace Offpeak.Tests.Fixture;

/// <summary>An entry as it reached the fake provider.</summary>
internal sealed record FakeEntry(string WireId, string Body)
{
    /// <summary>The user's id, which the fixture writes into every body.</summary>
    public string CustomId { get; } = FakeCodec.CustomIdIn(Body);
}
