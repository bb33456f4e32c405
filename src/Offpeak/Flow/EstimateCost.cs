using Offpeak.Codec;
using Offpeak.Entries;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Says what a batch would send and cost, from its entries as they would be encoded.</summary>
internal sealed class EstimateCost(FlowContext flow, MakeBatch make, ModelTable models)
{
    public async Task<CostEstimate> RunAsync(NewBatch description, IAsyncEnumerable<NewEntry> entries, CancellationToken ct)
    {
        var batch = make.Run(description);
        var provider = flow.Providers.Get(batch.Provider);
        var encoder = new EntryEncoder(batch, provider, fallback: null);
        var parts = new Dictionary<string, Part>(StringComparer.Ordinal);
        await foreach (var entry in entries.WithCancellation(ct))
        {
            var name = entry.Model ?? batch.Model;
            if (!parts.TryGetValue(name, out var part))
                parts[name] = part = NewPart(batch, provider, name);

            part.Add(encoder.Encode(entry).Body);
        }

        if (parts.Count == 0)
            parts[batch.Model] = NewPart(batch, provider, batch.Model);

        return ToEstimate($"{batch.Provider}/{batch.Model}", [.. parts.Values]);
    }

    private Part NewPart(BatchRow batch, IBatchProvider provider, string name)
    {
        var model = models.Find(batch.Provider, name);
        return new Part(name, batch.Endpoint, provider, model, new ShardPlan(provider.Capabilities, flow.Options.MaxEnqueuedTokensOf(batch.Provider, name)));
    }

    private static CostEstimate ToEstimate(string model, IReadOnlyList<Part> parts) => new()
    {
        Model = model,
        Entries = parts.Sum(part => part.Entries),
        Shards = parts.Sum(part => part.Shards),
        InputTokens = parts.Select(part => part.Tokens).Aggregate(Joined),
        HasOutput = parts.Any(part => part.HasOutput),
        MaxOutputTokens = SumOf(parts, part => part.MaxOutput),
        LowestCost = SumOf(parts, part => part.Cost(part.HasOutput ? part.Entries : 0)),
        HighestCost = SumOf(parts, part => part.Cost(part.MaxOutput)),
    };

    // Of what is not known for one model, the sum is not known.
    private static T? SumOf<T>(IReadOnlyList<Part> parts, Func<Part, T?> valueOf)
        where T : struct, System.Numerics.INumber<T> =>
        parts.Select(valueOf).Aggregate((T?)T.Zero, (sum, value) => sum + value);

    private static TokenEstimate Joined(TokenEstimate one, TokenEstimate other) =>
        new(one.Tokens + other.Tokens, one.IsCounted ? other.Method : one.Method, one.IsCounted && other.IsCounted);

    /// <summary>The entries of one model.</summary>
    private sealed class Part(string name, BatchEndpoint endpoint, IBatchProvider provider, ModelInfo? model, ShardPlan plan)
    {
        private long? longestOutput = 0;

        public int Entries { get; private set; }

        public int Shards { get; private set; }

        public TokenEstimate Tokens { get; private set; } = new(0, "", true);

        public bool HasOutput => model?.Price is not { Output: 0 };

        public long? MaxOutput => HasOutput ? longestOutput : 0;

        public void Add(ReadOnlyMemory<byte> body)
        {
            if (Entries++ == 0)
                Shards = 1;

            if (!plan.TryTake(body.Length))
            {
                plan.StartNext();
                plan.TryTake(body.Length);
                Shards++;
            }

            var counted = provider.Codec.EstimateInputTokens(name, endpoint, body);
            Tokens = new TokenEstimate(Tokens.Tokens + counted.Tokens, counted.Method, Tokens.IsCounted && counted.IsCounted);
            longestOutput += provider.Codec.ReadOutputLimit(endpoint, body) ?? model?.MaxOutputTokens;
        }

        public decimal? Cost(long? output) => output is { } tokens
            ? model?.Price?.Cost(new TokenUsage(Tokens.Tokens, 0, tokens), provider.Capabilities.PriceFactor)
            : null;
    }
}
