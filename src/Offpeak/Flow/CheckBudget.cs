using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Policies;

namespace Offpeak.Flow;

/// <summary>
/// Refuses a batch before anything is sent if its input alone would cost more than its budget. What it will answer cannot be known before;
/// rounds stop once the budget is used up (<see cref="EntrySettlement"/>).
/// </summary>
internal sealed class CheckBudget(FlowContext flow, ModelTable models)
{
    /// <exception cref="OffpeakException">The budget does not allow it, or cannot be kept because a price is unknown.</exception>
    public async Task RunAsync(Batch batch, CancellationToken ct)
    {
        if (batch.MaxCost is not { } budget)
            return;
        var provider = flow.Providers.Get(batch.Provider);
        var endpoint = new BatchEndpoint(batch.Endpoint);
        var (tokens, cost) = (0L, 0m);
        await foreach (var (model, body) in flow.Entries.ReadRequestsAsync(batch.Id, ct))
        {
            var estimate = provider.Codec.EstimateInputTokens(model, endpoint, body);
            tokens += estimate.Tokens;
            cost += PriceOf(batch, model).Cost(new TokenUsage(estimate.Tokens, 0, 0), provider.Capabilities.PriceFactor);
        }

        if (cost > budget)
        {
            throw new OffpeakException(
                OffpeakErrorCode.Budget,
                $"The input alone is about {tokens:N0} tokens and ${cost:0.######} at the batch price, which is over the budget of "
                + $"${budget:0.#########}. Nothing was sent. Raise the budget, or send less.");
        }
    }

    private ModelPrice PriceOf(Batch batch, string model) => models.Find(batch.Provider, model)?.Price ?? throw new OffpeakException(
        OffpeakErrorCode.Budget,
        $"The price of {batch.Provider}/{model} is not known, so a budget cannot be kept. Nothing was sent. "
        + "Leave the budget out, or add the price to the configuration under Offpeak:Prices.");
}
