using CsCheck;
using Offpeak.Policies;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Policies;

public sealed class PollScheduleTests
{
    private static readonly Gen<TimeSpan> GenDelay = Gen.OneOf(
        Gen.Int[1, 100_000].Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)),
        Gen.Int[1, 1_000].Select(minutes => TimeSpan.FromMinutes(minutes)),
        Gen.Long[1, TimeSpan.TicksPerDay].Select(ticks => new TimeSpan(ticks)));

    private static readonly Gen<TimeSpan[]> GenDelays = GenDelay.Array[1, 8];

    [Theory]
    [InlineData("1m", 60_000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2h", 7_200_000)]
    [InlineData(" 1s , 2s", 1_000)]
    public void Parse_reads_units(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), PollSchedule.Parse(text).Delay(0));

    [Theory]
    [InlineData("")]
    [InlineData("1m,")]
    [InlineData("5")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1 day")]
    [InlineData("1e3s")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    [InlineData("99999999999999999h")]
    [InlineData("sms")]
    [InlineData("1sm")]
    public void Parse_nonsense_is_refused_with_what_is_expected(string text)
    {
        var error = Assert.Throws<FormatException>(() => PollSchedule.Parse(text));

        Assert.Contains("500ms, 1s or 2m", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_without_a_positive_delay_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new PollSchedule());
        Assert.Throws<ArgumentException>(() => new PollSchedule(TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => new PollSchedule(TimeSpan.FromSeconds(1), TimeSpan.Zero));
    }

    [Fact]
    public void Delay_clamps_to_the_first_and_the_last_entry() => Gen.Select(GenDelays, Gen.Int).Sample((delays, attempt) =>
    {
        var expected = attempt < 0 ? delays[0] : attempt >= delays.Length ? delays[^1] : delays[attempt];
        return new PollSchedule(delays).Delay(attempt) == expected;
    });

    [Fact]
    public void Delay_jitter_adds_at_most_a_tenth_and_never_shortens() => Gen.Select(GenDelays, Gen.Int[0, 20], Gen.Int).Sample((delays, attempt, seed) =>
    {
        var schedule = new PollSchedule(delays);
        var delay = schedule.Delay(attempt, new Random(seed), retryAfter: null);
        return delay >= schedule.Delay(attempt) && delay <= schedule.Delay(attempt) * 1.1 + TimeSpan.FromTicks(1);
    });

    [Fact]
    public void Delay_retry_after_is_the_minimum() => Gen.Select(GenDelays, Gen.Int[0, 20], GenDelay).Sample((delays, attempt, retryAfter) =>
        new PollSchedule(delays).Delay(attempt, new Random(1), retryAfter) >= retryAfter);

    [Fact]
    public void Delay_jitter_is_a_tenth_of_the_delay_times_the_chance() =>
        Assert.Equal(TimeSpan.FromSeconds(105), new PollSchedule(TimeSpan.FromSeconds(100)).Delay(0, new Half(), retryAfter: null));

    [Theory]
    [InlineData(1, 60)]
    [InlineData(90, 90)]
    [InlineData(86_400, 86_400)]
    [InlineData(86_401, 86_400)]
    [InlineData(31_536_000, 86_400)]
    public void Delay_believes_a_longer_retry_after_up_to_a_day(int asked, int seconds) => Assert.Equal(
        TimeSpan.FromSeconds(seconds),
        new PollSchedule(TimeSpan.FromMinutes(1)).Delay(0, new NoJitter(), TimeSpan.FromSeconds(asked)));

    [Fact]
    public void Parse_takes_thirty_days_and_no_tick_more()
    {
        Assert.Equal(TimeSpan.FromDays(30), PollSchedule.Parse("720h").Delay(0));

        Assert.Throws<FormatException>(() => PollSchedule.Parse("720.000000001h"));
        Assert.Throws<FormatException>(() => PollSchedule.Parse("79228162514264337593543950335h"));
    }

    [Theory]
    [InlineData("1ms")]
    [InlineData("999.9999ms")]
    [InlineData("1s")]
    [InlineData("90s")]
    [InlineData("1m,2m,60m")]
    public void Text_is_in_the_largest_unit_that_people_write_it_in(string text) => Assert.Equal(text, PollSchedule.Parse(text).ToString());

    [Fact]
    public void Text_round_trips() => GenDelays.Sample(delays =>
    {
        var read = PollSchedule.Parse(new PollSchedule(delays).ToString());
        return Enumerable.Range(0, delays.Length).All(attempt => read.Delay(attempt) == delays[attempt]);
    });

    private sealed class Half : Random
    {
        public override double NextDouble() => 0.5;
    }
}
