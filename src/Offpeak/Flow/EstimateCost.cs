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
        var model = models.Find(batch.Provider, batch.Model);
        var sums = new Sums(batch, provider, model?.MaxOutputTokens, flow.Options.MaxEnqueuedTokensOf(batch.Provider, batch.Model));
        await foreach (var entry in entries.WithCancellation(ct))
            sums.Add(entry);

        return sums.ToEstimate(model?.Price);
    }

    private sealed class Sums(BatchRow batch, IBatchProvider provider, int? modelLimit, long? maxTokens)
    {
        private readonly EntryEncoder encoder = new(batch, provider, fallback: null);
        private readonly ShardPlan plan = new(provider.Capabilities, maxTokens);
        private TokenEstimate tokens = new(0, "", true);
        private long? longestOutput = 0;
        private int entries;
        private int shards;

        public void Add(NewEntry entry)
        {
            var body = encoder.Encode(entry).Body;
            if (entries++ == 0)
                shards = 1;

            if (!plan.TryTake(body.Length))
            {
                plan.StartNext();
                plan.TryTake(body.Length);
                shards++;
            }

            var counted = provider.Codec.EstimateInputTokens(entry.Model ?? batch.Model, batch.Endpoint, body);
            tokens = new TokenEstimate(tokens.Tokens + counted.Tokens, counted.Method, tokens.IsCounted && counted.IsCounted);
            longestOutput += provider.Codec.ReadOutputLimit(batch.Endpoint, body) ?? modelLimit;
        }

        public CostEstimate ToEstimate(ModelPrice? price)
        {
            var hasOutput = price is not { Output: 0 };
            var factor = provider.Capabilities.PriceFactor;
            return new CostEstimate
            {
                Model = $"{batch.Provider}/{batch.Model}",
                Entries = entries,
                Shards = shards,
                InputTokens = tokens,
                HasOutput = hasOutput,
                MaxOutputTokens = hasOutput ? longestOutput : 0,
                LowestCost = price?.Cost(new TokenUsage(tokens.Tokens, 0, hasOutput ? entries : 0), factor),
                HighestCost = price is not null && (!hasOutput || longestOutput is not null)
                    ? price.Cost(new TokenUsage(tokens.Tokens, 0, hasOutput ? longestOutput!.Value : 0), factor)
                    : null,
            };
        }
    }
}
