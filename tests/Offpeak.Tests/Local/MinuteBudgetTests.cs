using Microsoft.Extensions.Time.Testing;
using Offpeak.Local;

namespace Offpeak.Tests.Local;

public sealed class MinuteBudgetTests
{
    private const int Rate = 600;

    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData(long.MaxValue, 61)]
    [InlineData(1_000_000_000, 61)]
    [InlineData(Rate, 61)]
    [InlineData(300, 31)]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    [InlineData(long.MinValue, 0)]
    public async Task Call_costs_what_it_used_and_a_minutes_worth_at_most(long used, int seconds)
    {
        var budget = new MinuteBudget(Rate, time);
        await budget.TakeAsync(Rate - 10, CancellationToken.None);
        budget.Correct(taken: 10, used);

        var next = budget.TakeAsync(20, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(Math.Max(0, seconds - 2)));
        Assert.Equal(seconds == 0, next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));

        await next.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Call_that_was_expected_to_use_more_than_a_minutes_worth_may_have_used_it()
    {
        var budget = new MinuteBudget(Rate, time);
        var large = budget.TakeAsync(3 * Rate, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(2));
        await large.WaitAsync(TimeSpan.FromMinutes(1));
        budget.Correct(taken: 3 * Rate, used: 2 * Rate);

        Assert.True(budget.TakeAsync(Rate, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Estimate_that_nobody_can_mean_is_waited_for_an_hour_and_holds_up_no_call_behind_it_for_longer()
    {
        var budget = new MinuteBudget(Rate, time);
        var absurd = budget.TakeAsync(long.MaxValue, CancellationToken.None);
        budget.Correct(taken: long.MaxValue, used: long.MaxValue);
        var next = budget.TakeAsync(1, CancellationToken.None);
        time.Advance(TimeSpan.FromHours(2));

        await absurd.WaitAsync(TimeSpan.FromMinutes(1));
        await next.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
