using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>What is said of a batch before anything is stored or sent.</summary>
public sealed class EstimateCostTests
{
    private readonly FakeCodec codec = new() { OnEstimate = _ => new TokenEstimate(1_000_000, "counted", true), OnOutputLimit = _ => 500_000 };

    [Fact]
    public async Task Cost_is_of_all_the_input_and_of_one_token_or_all_that_is_allowed_as_output()
    {
        await using var engine = await StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 10));

        var estimate = await EstimateAsync(engine, Engine.Entry("a"), Engine.Entry("b"), Engine.Entry("c"));

        Assert.Equal(("fake/model-1", 3, 1, true), (estimate.Model, estimate.Entries, estimate.Shards, estimate.HasOutput));
        Assert.Equal(new TokenEstimate(3_000_000, "counted", true), estimate.InputTokens);
        Assert.Equal(1_500_000, estimate.MaxOutputTokens);
        // Half of what it costs without a batch: 6 dollars of input, and 30 millionths or 15 dollars of output.
        Assert.Equal(3.000015m, estimate.LowestCost);
        Assert.Equal(10.5m, estimate.HighestCost);
    }

    [Fact]
    public async Task Models_are_priced_each_by_itself_and_summed()
    {
        await using var engine = await StartAsync(options =>
        {
            options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 10);
            options.Prices["fake/dear"] = new ModelPrice(Input: 20, Output: 100);
        });

        var estimate = await EstimateAsync(engine, Engine.Entry("a"), Engine.Entry("b", "dear"), Engine.Entry("c"));

        Assert.Equal((3, 2, 1_500_000), (estimate.Entries, estimate.Shards, estimate.MaxOutputTokens));
        Assert.Equal((12.00006m, 42m), (estimate.LowestCost, estimate.HighestCost));
    }

    [Fact]
    public async Task Of_what_is_not_known_for_one_model_the_sum_is_not_known()
    {
        await using var engine = await StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 10));

        var estimate = await EstimateAsync(engine, Engine.Entry("a"), Engine.Entry("b", "unknown"));

        Assert.Equal((null, null, 1_000_000, true), (estimate.LowestCost, estimate.HighestCost, estimate.MaxOutputTokens, estimate.HasOutput));
    }

    [Fact]
    public async Task Output_without_a_limit_makes_the_highest_cost_unknown_and_leaves_the_lowest()
    {
        codec.OnOutputLimit = id => id == "a" ? 10 : null;
        await using var engine = await StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 10));

        var estimate = await EstimateAsync(engine, Engine.Entry("b"), Engine.Entry("a"));

        Assert.Equal((2.00001m, null, null), (estimate.LowestCost, estimate.HighestCost, estimate.MaxOutputTokens));
    }

    [Fact]
    public async Task Output_that_a_request_does_not_limit_is_limited_by_what_the_model_can_say()
    {
        codec.OnOutputLimit = id => id == "a" ? 10 : null;
        await using var engine = await StartAsync(options => options.Models["fake/model-1"] = new ModelInfo
        {
            MaxOutputTokens = 1_000,
            Price = new ModelPrice(Input: 2, Output: 10),
        });

        var estimate = await EstimateAsync(engine, Engine.Entry("a"), Engine.Entry("b"));

        Assert.Equal((1_010, 2.00505m), (estimate.MaxOutputTokens, estimate.HighestCost));
    }

    [Fact]
    public async Task Models_without_output_cost_their_input()
    {
        codec.OnOutputLimit = _ => null;
        await using var engine = await StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 0));

        var estimate = await EstimateAsync(engine, Engine.Entry("a"));

        Assert.Equal((false, 0, 1m, 1m), (estimate.HasOutput, estimate.MaxOutputTokens, estimate.LowestCost, estimate.HighestCost));
    }

    [Fact]
    public async Task One_model_with_output_among_others_is_output()
    {
        await using var engine = await StartAsync(options =>
        {
            options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 0);
            options.Prices["fake/says"] = new ModelPrice(Input: 2, Output: 10);
        });

        var estimate = await EstimateAsync(engine, Engine.Entry("a"), Engine.Entry("b", "says"));

        Assert.Equal((true, 500_000), (estimate.HasOutput, estimate.MaxOutputTokens));
    }

    [Fact]
    public async Task A_batch_without_entries_costs_nothing_and_needs_no_shard()
    {
        await using var engine = await StartAsync(options => options.Prices["fake/model-1"] = new ModelPrice(Input: 2, Output: 10));

        var estimate = await EstimateAsync(engine);

        Assert.Equal(("fake/model-1", 0, 0, 0L), (estimate.Model, estimate.Entries, estimate.Shards, estimate.InputTokens.Tokens));
        Assert.Equal((0, 0m, 0m), (estimate.MaxOutputTokens, estimate.LowestCost, estimate.HighestCost));
    }

    [Theory]
    [InlineData("a", "b", true, "exact")]
    [InlineData("guess", "b", false, "guessed")]
    [InlineData("a", "guess", false, "guessed")]
    public async Task Tokens_are_counted_only_if_all_are_and_the_less_exact_way_is_named(string first, string second, bool isCounted, string method)
    {
        codec.OnEstimate = id => id == "guess" ? new TokenEstimate(5, "guessed", false) : new TokenEstimate(7, "exact", true);
        await using var engine = await StartAsync();

        var apart = await EstimateAsync(engine, Engine.Entry(first, "m1"), Engine.Entry(second, "m2"));
        var together = await EstimateAsync(engine, Engine.Entry(first), Engine.Entry(second));

        Assert.Equal(new TokenEstimate(isCounted ? 14 : 12, method, isCounted), apart.InputTokens);
        Assert.Equal((isCounted ? 14 : 12, isCounted), (together.InputTokens.Tokens, together.InputTokens.IsCounted));
    }

    [Fact]
    public async Task Shards_are_counted_as_the_provider_and_the_accounts_queue_allow()
    {
        await using var engine = await StartAsync(options => options.MaxEnqueuedTokens["fake/narrow"] = 5);
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 2 };
        NewEntry[] five = [.. Enumerable.Range(1, 5).Select(number => Engine.Entry($"e{number}"))];
        NewEntry[] narrow = [.. Enumerable.Range(1, 3).Select(number => Engine.Entry($"n{number}", "narrow"))];

        Assert.Equal(3, (await EstimateAsync(engine, five)).Shards);
        Assert.Equal(3, (await EstimateAsync(engine, narrow)).Shards);
    }

    [Fact]
    public async Task A_shard_that_begins_after_a_full_one_holds_its_first_entry()
    {
        await using var engine = await StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 2 };

        var four = await EstimateAsync(engine, [.. Enumerable.Range(1, 4).Select(number => Engine.Entry($"e{number}"))]);

        Assert.Equal(2, four.Shards);
    }

    private async Task<Engine> StartAsync(Action<OffpeakOptions>? options = null)
    {
        var engine = await Engine.StartAsync(options);
        engine.Provider.Codec = codec;
        return engine;
    }

    private static Task<CostEstimate> EstimateAsync(Engine engine, params NewEntry[] entries) =>
        engine.Client.EstimateAsync(new NewBatch("fake/model-1"), entries.ToAsyncEnumerable());
}
