using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Money before it is spent: refuses a batch whose input alone would cost more than its budget or whose prices are not known, and says what
/// the input of a shard costs, which is reserved from the budget while it is under way. What will be answered cannot be known before.
/// </summary>
internal sealed class CheckBudget(FlowContext flow, ModelTable models)
{
    private ProviderRegistry Providers => flow.Providers;

    public CheckBudget In(FlowContext other) => new(other, models);

    /// <exception cref="OffpeakException">The budget does not allow the batch, or cannot be kept because a price is unknown.</exception>
    public async Task RunAsync(BatchRow batch, CancellationToken ct)
    {
        if (batch.MaxCost is not { } budget)
            return;

        RequireFallbackPrice(batch);
        var sum = new Sum(this, batch.Provider, batch.Endpoint);
        for (long after = 0; await flow.Store.ReadRequestsAsync(batch.Id, after, PageBytes.Most, ct) is { Count: > 0 } page; after = page[^1].EntryId)
            sum.Add(page);

        if (sum.Cost > budget)
        {
            throw new OffpeakException(
                OffpeakErrorCode.Budget,
                $"The input alone is about {sum.Tokens:N0} tokens and ${sum.Cost:0.######} at the batch price, which is over the budget of "
                + $"${budget:0.#########}. Nothing was sent. Raise the budget, or send less.");
        }
    }

    /// <summary>Refuses a budget that is set on a running batch and could not be kept. What was not submitted yet is checked when it is.</summary>
    /// <exception cref="OffpeakException">A price is not known.</exception>
    public async Task RequirePricesAsync(BatchRow batch, CancellationToken ct)
    {
        RequireFallbackPrice(batch);
        foreach (var shard in await flow.Store.ListShardsAsync(batch.Id, ct))
            PriceOf(shard.Provider, shard.Model);
    }

    /// <summary>What the input of a shard costs, read once and then kept on its row; null if its batch has no budget.</summary>
    /// <exception cref="OffpeakException">A price is not known.</exception>
    public async Task<decimal?> CostOfAsync(BatchRow batch, ShardRow shard, CancellationToken ct)
    {
        if (batch.MaxCost is null)
            return null;

        if (shard.ReservedCost is { } known)
            return known;

        var sum = new Sum(this, shard.Provider, shard.Endpoint);
        for (long after = 0; await flow.Store.ReadShardRequestsAsync(shard, onlyOpen: false, after, PageBytes.Most, ct) is { Count: > 0 } page; after = page[^1].EntryId)
            sum.Add(page);

        return sum.Cost;
    }

    private void RequireFallbackPrice(BatchRow batch)
    {
        if (batch.FallbackModel is { } fallback)
            PriceOf(ModelName.Split(fallback).Provider, ModelName.Split(fallback).Model);
    }

    private ModelPrice PriceOf(string provider, string model) => models.Find(provider, model)?.Price ?? throw new OffpeakException(
        OffpeakErrorCode.Budget,
        $"The price of {provider}/{model} is not known, so a budget cannot be kept; nothing is sent under it. "
        + "Leave the budget out, or add the price, in US dollars per million tokens, to the configuration: "
        + $$$"""{ "Offpeak": { "Prices": { "{{{provider}}}/{{{model}}}": { "Input": 1, "Output": 4 } } } }.""");

    private sealed class Sum(CheckBudget check, string providerName, BatchEndpoint endpoint)
    {
        private readonly IBatchProvider provider = check.Providers.Get(providerName);

        public long Tokens { get; private set; }

        public decimal Cost { get; private set; }

        public void Add(IReadOnlyList<EntryBodyRow> page)
        {
            foreach (var entry in page)
            {
                var estimate = provider.Codec.EstimateInputTokens(entry.Model, endpoint, entry.Body);
                Tokens += estimate.Tokens;
                Cost += check.PriceOf(provider.Name, entry.Model).Cost(new TokenUsage(estimate.Tokens, 0, 0), provider.Capabilities.PriceFactor);
            }
        }
    }
}
