using CsCheck;
using Offpeak.Policies;

namespace Offpeak.Tests.Policies;

public sealed class BackoffTests
{
    [Fact]
    public void BeforeHandler_stays_between_half_a_minute_and_an_hour_for_any_number() => Gen.Int.Sample(attempts =>
        Backoff.BeforeHandler(attempts) >= TimeSpan.FromSeconds(30) && Backoff.BeforeHandler(attempts) <= TimeSpan.FromHours(1));

    [Fact]
    public void BeforeHandler_never_gets_shorter() => Gen.Int[0, 1_000].Sample(attempts =>
        Backoff.BeforeHandler(attempts + 1) >= Backoff.BeforeHandler(attempts));

    [Theory]
    [InlineData(0, 30)]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(7, 1_920)]
    [InlineData(8, 3_600)]
    public void BeforeHandler_doubles_from_half_a_minute_to_an_hour(int attempts, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.BeforeHandler(attempts));
}
