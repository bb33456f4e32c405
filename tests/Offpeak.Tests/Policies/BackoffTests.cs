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
}
