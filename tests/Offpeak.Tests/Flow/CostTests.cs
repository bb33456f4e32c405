using Offpeak.Codec;
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

    [Theory]
    [InlineData("other", 0.0014)]
    [InlineData("nobody-knows-it", 0.00014)]
    [InlineData(null, 0.00014)]
    public async Task Cost_is_that_of_the_model_that_answered_and_of_the_one_that_was_asked_if_that_has_no_price(string? answered, decimal cost)
    {
        await using var engine = await Engine.StartAsync(options =>
        {
            options.Prices["fake/model-1"] = new ModelPrice(2, CachedInput: null, 8);
            options.Prices["fake/other"] = new ModelPrice(20, CachedInput: null, 80);
        });
        engine.Provider.Answer = entry => Results.Ok(entry) with { Model = answered };

        var id = await FinishAsync(engine, entries: 1);

        Assert.Equal(cost, (await engine.EntryAsync(id, "e1")).Cost);
    }

    [Fact]
    public async Task Cost_follows_the_part_of_the_list_price_that_the_provider_takes()
    {
        await using var engine = await StartAsync();
        engine.Provider.Capabilities = new() { PriceFactor = 1m };

        var id = await FinishAsync(engine, entries: 1);

        Assert.Equal(0.00028m, (await engine.EntryAsync(id, "e1")).Cost);
    }

    [Theory]
    [InlineData(1_000_000, 1_000_000)]
    [InlineData(1_000_001, 0.00014)]
    [InlineData(0, 0)]
    [InlineData(-1, 0.00014)]
    public async Task Cost_that_is_reported_is_believed_from_nothing_to_a_million(decimal reported, decimal cost)
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = reported };

        var id = await FinishAsync(engine, entries: 1);

        Assert.Equal(cost, (await engine.EntryAsync(id, "e1")).Cost);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Usage_is_believed_from_nothing_to_a_thousand_million_of_each_kind(int kind)
    {
        await using var engine = await StartAsync();
        var id = await engine.SubmitAsync(4);
        engine.Provider.Set(ProviderBatchState.Ended);
        long[] tokens = [0, 1_000_000_000, 1_000_000_001, -1];
        engine.Provider.OnResults = batch => batch.Entries.Select((entry, position) => Results.Ok(entry) with { Usage = With(tokens[position]) });

        await engine.PollAsync(id);

        Assert.Equal([true, true, false, false], (await engine.EntriesAsync(id)).Select(entry => entry.InputTokens is not null));

        TokenUsage With(long count)
        {
            long Of(int position) => position == kind ? count : 0;
            return new TokenUsage(Of(0), Of(1), Of(2), Of(3), Of(4));
        }
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
