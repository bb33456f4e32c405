using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class CostTests
{
    [Fact]
    public async Task Cost_rolls_up_from_the_entries_at_half_price()
    {
        await using var engine = await StartAsync();
        var id = await FinishAsync(engine, entries: 3);

        // 100 input tokens at 2 dollars and 10 output tokens at 8 dollars a million, halved.
        Assert.Equal(0.00014m, (await engine.EntryAsync(id, "e1")).Cost);
        Assert.Equal(0.00042m, (await engine.BatchAsync(id)).Cost);
    }

    [Fact]
    public async Task Cost_is_added_as_decimals()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = 0.1m };
        var id = await FinishAsync(engine, entries: 3);

        // As binary floating point the sum would be 0.30000000000000004.
        Assert.Equal("0.3", (await engine.BatchAsync(id)).Cost!.Value.ToString("0.##################"));
    }

    [Fact]
    public async Task Cost_of_a_model_without_a_price_is_unknown_and_not_zero()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishAsync(engine, entries: 1);

        Assert.Null((await engine.BatchAsync(id)).Cost);
        Assert.Equal(100, (await engine.BatchAsync(id)).InputTokens);
    }

    [Fact]
    public async Task Cost_reported_by_the_provider_wins_over_the_price_table()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = 0.25m };
        var id = await FinishAsync(engine, entries: 1);

        Assert.Equal(0.25m, (await engine.BatchAsync(id)).Cost);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Cost_already_known_is_never_overwritten_by_null_or_zero(int? later)
    {
        await using var engine = await StartAsync();
        var id = await AnswerInTwoRoundsAsync(engine, 0.5m, later);

        Assert.Equal(0.5m, (await engine.BatchAsync(id)).Cost);
        Assert.Equal(0.5m, (await engine.EntryAsync(id, "e1")).Cost);
    }

    [Fact]
    public async Task Cost_of_a_failed_first_round_is_added_to_that_of_the_second()
    {
        await using var engine = await StartAsync();
        var id = await AnswerInTwoRoundsAsync(engine, 0.1m, 0.2m);

        Assert.Equal(0.3m, (await engine.BatchAsync(id)).Cost);
    }

    [Fact]
    public async Task Budget_that_is_used_up_stops_further_rounds()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) with { ReportedCost = 1m } : Results.Busy(entry);
        var id = await FinishAsync(engine, entries: 2, maxCost: 1m);

        Assert.Single(engine.Provider.Batches);
        var entry = await engine.EntryAsync(id, "e2");
        Assert.Equal((Offpeak.Batches.EntryStatus.Failed, Offpeak.Batches.FailureCodes.Budget), (entry.Status, entry.ErrorCode));
        Assert.Equal(Offpeak.Batches.BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Budget_that_is_not_used_up_allows_the_next_round()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) with { ReportedCost = 0.99m } : Results.Busy(entry);
        await FinishAsync(engine, entries: 2, maxCost: 1m);
        await engine.Submit.RunOnceAsync();

        Assert.Equal(2, engine.Provider.Batches.Count);
    }

    private static Task<Engine> StartAsync() =>
        Engine.StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(2, CachedInput: null, 8));

    private static async Task<long> FinishAsync(Engine engine, int entries, decimal? maxCost = null)
    {
        var id = await engine.SubmitAsync(entries, new NewBatch("fake/model-1") { MaxCost = maxCost });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }

    private static async Task<long> AnswerInTwoRoundsAsync(Engine engine, decimal first, decimal? second)
    {
        engine.Provider.Answer = entry => Results.Busy(entry) with { ReportedCost = first };
        var id = await FinishAsync(engine, entries: 1);
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = second, Usage = null };
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
