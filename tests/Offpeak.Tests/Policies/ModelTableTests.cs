using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Models;

namespace Offpeak.Tests.Policies;

public sealed class ModelTableTests
{
    private static readonly ModelTable Table = new(new Dictionary<string, ModelInfo>
    {
        ["openai/gpt-5"] = Priced(new(1.25m, 0.125m, 10m)),
        ["openai/gpt-4"] = Priced(new(30m, null, 60m)),
        ["anthropic/claude-opus-4"] = Priced(new(15m, 1.5m, 75m, CacheWrite: 30m)),
        ["gemini/flash"] = Priced(new(1m, 0.1m, 4m, CachedBatchFactor: 1m)),
        ["xai/grok-4"] = Priced(new(3m, null, 15m, BatchFactor: 0.8m)),
        ["xai/grok-4.5*"] = new() { CanBatch = false },
    });

    [Theory]
    [InlineData("openai", "gpt-5-2025-08-07")]
    [InlineData("openai", "gpt-4-0613")]
    [InlineData("anthropic", "claude-opus-4-20250514")]
    public void Find_dated_snapshot_has_the_price_of_its_family(string provider, string model) => Assert.NotNull(Table.Find(provider, model));

    [Theory]
    [InlineData("openai", "gpt-5-nano")]
    [InlineData("openai", "gpt-5-1")]
    [InlineData("anthropic", "claude-opus-4-1")]
    [InlineData("anthropic", "claude-opus-4-1-20250805")]
    [InlineData("openai", "unheard-of")]
    [InlineData("xai", "gpt-5")]
    [InlineData("openai", "")]
    public void Find_model_it_does_not_know_is_null_also_if_a_relative_has_a_price(string provider, string model) =>
        Assert.Null(Table.Find(provider, model));

    [Fact]
    public void Cost_of_an_unknown_model_is_null_and_not_zero() =>
        Assert.Null(Table.Cost("openai", "unheard-of", new TokenUsage(1, 0, 1), 0.5m));

    [Fact]
    public void Cost_counts_cached_tokens_at_their_own_price_and_applies_the_batch_factor()
    {
        var cost = Table.Cost("openai", "gpt-5", new TokenUsage(1_000_000, 400_000, 100_000), 0.5m);

        Assert.Equal((0.75m + 0.05m + 1m) / 2, cost);
    }

    [Fact]
    public void Cost_without_a_cached_price_counts_cached_tokens_as_input() =>
        Assert.Equal(15m, Table.Cost("openai", "gpt-4", new TokenUsage(1_000_000, 1_000_000, 0), 0.5m));

    [Fact]
    public void Cost_more_cached_tokens_than_input_tokens_is_never_negative() =>
        Assert.Equal(0.125m, Table.Cost("openai", "gpt-5", new TokenUsage(1_000_000, 9_000_000, 0), 1m));

    [Fact]
    public void Cost_counts_tokens_written_to_the_cache_at_their_own_price() =>
        Assert.Equal((15m * 0.5m) + (30m * 0.5m), Table.Cost("anthropic", "claude-opus-4", new TokenUsage(2_000_000, 0, 0, 0, 1_000_000), 0.5m));

    [Fact]
    public void Cost_leaves_cached_input_out_of_the_discount_where_the_provider_does() =>
        Assert.Equal(0.5m + 0.1m, Table.Cost("gemini", "flash", new TokenUsage(2_000_000, 1_000_000, 0), 0.5m));

    [Fact]
    public void Cost_takes_the_batch_factor_of_the_model_before_that_of_its_provider() =>
        Assert.Equal(2.4m, Table.Cost("xai", "grok-4", new TokenUsage(1_000_000, 0, 0), 0.5m));

    [Fact]
    public void Find_a_line_that_ends_in_a_star_stands_for_models_without_a_line_of_their_own()
    {
        Assert.False(Table.Find("xai", "grok-4.5-fast")!.CanBatch);
        Assert.True(Table.Find("xai", "grok-4")!.CanBatch);
    }

    [Fact]
    public void With_overrides_and_adds_without_changing_the_original()
    {
        var changed = Table.With(
            new Dictionary<string, ModelInfo> { ["xai/grok-4"] = new() { MaxOutputTokens = 7 } },
            new Dictionary<string, ModelPrice> { ["OpenAI/GPT-5"] = new(1m, null, 1m), ["my/model"] = new(0m, null, 0m) });

        Assert.Equal(1m, changed.Find("openai", "gpt-5")!.Price!.Input);
        Assert.Equal(0m, changed.Cost("my", "model", new TokenUsage(5, 0, 5), 0.5m));
        Assert.Equal(1.25m, Table.Find("openai", "gpt-5")!.Price!.Input);
        Assert.Equal((7, 3m), (changed.Find("xai", "grok-4")!.MaxOutputTokens, changed.Find("xai", "grok-4")!.Price!.Input));
    }

    [Fact]
    public void BuiltIn_knows_the_models_it_ships_with() =>
        Assert.Equal(0.05m, ModelTable.BuiltIn.Find("openai", "gpt-5-nano-2025-08-07")!.Price!.Input);

    [Fact]
    public void BuiltIn_models_have_a_source_and_priced_ones_a_date()
    {
        using var stream = typeof(ModelTable).Assembly.GetManifestResourceStream("Offpeak.models.json")!;
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip };
        using var table = JsonDocument.Parse(stream, options);

        foreach (var model in table.RootElement.EnumerateObject())
        {
            Assert.True(model.Value.TryGetProperty("source", out _), model.Name);
            Assert.Equal(model.Value.TryGetProperty("price", out _), model.Value.TryGetProperty("effective", out _));
        }
    }

    private static ModelInfo Priced(ModelPrice price) => new() { Price = price };
}
