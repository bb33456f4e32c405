using Offpeak.Batches;

namespace Offpeak.Tests.Policies;

public sealed class StatusNameTests
{
    [Fact]
    public void Names_of_every_status_round_trip()
    {
        AssertRoundTrip<BatchStatus>();
        AssertRoundTrip<ShardStatus>();
        AssertRoundTrip<EntryStatus>();
        AssertRoundTrip<EntryContinuation>();
    }

    [Fact]
    public void Names_are_the_documented_words() => Assert.Equal(
        ["pending", "submitting", "unconfirmed", "submitted", "in_progress", "ended", "canceled", "expired", "failed"],
        Enum.GetValues<ShardStatus>().Select(StatusNames.Name));

    private static void AssertRoundTrip<T>()
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            Assert.Equal(value, StatusNames.Parse<T>(StatusNames.Name(value)));
    }
}
