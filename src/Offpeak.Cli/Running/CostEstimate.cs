using System.Globalization;
using System.Text.Json;
using Offpeak.Cli.Output;
using Offpeak.Codec;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Cli.Running;

/// <summary>What a batch would send and cost. What will be answered is not known before, so the cost is a range.</summary>
internal sealed record CostEstimate
{
    private const string ShortestAnswer = "answers of one token";

    public required string Model { get; init; }

    public required int Entries { get; init; }

    public required int Shards { get; init; }

    public required TokenEstimate InputTokens { get; init; }

    /// <summary>US dollars if every answer is one token long; null if the price is not known.</summary>
    public decimal? LowestCost { get; init; }

    /// <summary>US dollars if every answer is as long as it may be; null if the price or that length is not known.</summary>
    public decimal? HighestCost { get; init; }

    /// <summary>What the highest cost assumes.</summary>
    public string? LongestAnswer { get; init; }

    public required IReadOnlyList<string> Limits { get; init; }

    /// <exception cref="OffpeakException">An entry cannot be sent at all.</exception>
    public static async Task<CostEstimate> MakeAsync(
        IBatchProvider provider, ModelTable models, string model, BatchEndpoint endpoint, IAsyncEnumerable<NewEntry> entries, CancellationToken ct)
    {
        var sums = new Sums(provider, model, endpoint, models.Find(provider.Name, model)?.MaxOutputTokens);
        await foreach (var entry in entries.WithCancellation(ct))
            sums.Add(entry);
        var price = models.Find(provider.Name, model)?.Price;
        var factor = provider.Capabilities.PriceFactor;
        return new CostEstimate
        {
            Model = $"{provider.Name}/{model}",
            Entries = sums.Entries,
            Shards = sums.Shards,
            InputTokens = sums.Tokens,
            LowestCost = price?.Cost(new TokenUsage(sums.Tokens.Tokens, 0, price.Output == 0 ? 0 : sums.Entries), factor),
            HighestCost = price is not null && (price.Output == 0 || sums.LongestOutput is not null)
                ? price.Cost(new TokenUsage(sums.Tokens.Tokens, 0, price.Output == 0 ? 0 : sums.LongestOutput!.Value), factor)
                : null,
            LongestAnswer = sums.LongestOutput is { } longest && price?.Output != 0 ? $"answers of {longest:N0} tokens in all, as long as they may be" : null,
            Limits = sums.Limits(),
        };
    }

    public void Write(TextWriter output)
    {
        static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        output.WriteLine($"Model      {Model}");
        output.WriteLine($"Entries    {Count(Entries)}");
        output.WriteLine($"Shards     {Count(Shards)}  ({string.Join("; ", Limits)})");
        output.WriteLine($"Input      {(InputTokens.IsCounted ? "" : "about ")}{Count(InputTokens.Tokens)} tokens  ({InputTokens.Method})");
        output.WriteLine($"Lowest     {Money.Text(LowestCost)}{(LowestCost is null ? "  (the price of this model is not known; add it under Offpeak:Prices)" : $"  ({ShortestAnswer})")}");
        output.WriteLine($"Highest    {Money.Text(HighestCost)}{(LongestAnswer is null ? "" : $"  ({LongestAnswer})")}");
        output.WriteLine("Nothing was sent.");
    }

    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["model"] = Model,
        ["entries"] = Entries,
        ["shards"] = Shards,
        ["input_tokens"] = InputTokens.Tokens,
        ["input_tokens_method"] = InputTokens.Method,
        ["input_tokens_counted"] = InputTokens.IsCounted,
        ["lowest_cost_usd"] = LowestCost,
        ["highest_cost_usd"] = HighestCost,
        ["limits"] = Limits,
    });

    private sealed class Sums(IBatchProvider provider, string model, BatchEndpoint endpoint, int? modelLimit)
    {
        private readonly EntryEncoder encoder = new(
            new Batches.Batch { Model = model, Provider = provider.Name, Endpoint = endpoint.Path }, provider, fallback: null);

        private ShardPlan plan = new(provider.Capabilities, ShardPlanner.WireIdBytes);

        public int Entries { get; private set; }

        public int Shards { get; private set; } = 1;

        public TokenEstimate Tokens { get; private set; } = new(0, "", true);

        public long? LongestOutput { get; private set; } = 0;

        public void Add(NewEntry entry)
        {
            var body = encoder.Encode(entry).Body;
            Entries++;
            if (!plan.TryTake(body.Length))
            {
                plan = new ShardPlan(provider.Capabilities, ShardPlanner.WireIdBytes);
                plan.TryTake(body.Length);
                Shards++;
            }

            var counted = provider.Codec.EstimateInputTokens(model, endpoint, body);
            Tokens = new TokenEstimate(Tokens.Tokens + counted.Tokens, counted.Method, Tokens.IsCounted && counted.IsCounted);
            LongestOutput += provider.Codec.ReadOutputLimit(endpoint, body) ?? modelLimit;
        }

        public IReadOnlyList<string> Limits()
        {
            var limits = provider.Capabilities;
            var culture = CultureInfo.InvariantCulture;
            return
            [
                string.Create(culture, $"at most {limits.MaxEntries:N0} entries a provider batch"),
                limits.MaxBytes == long.MaxValue ? "no limit on bytes" : string.Create(culture, $"at most {limits.MaxBytes / 1_000_000:N0} MB"),
                limits.MaxAge is { } age ? string.Create(culture, $"given up after {age.TotalHours:0.#} hours") : "never given up",
            ];
        }
    }
}
