using Offpeak.Batches;
using Offpeak.Policies;

namespace Offpeak.Flow;

/// <summary>
/// Refuses a batch before anything is sent if its input alone would cost more than its budget. What it will answer cannot be known before;
/// rounds stop once the budget is used up (<see cref="EntrySettlement"/>).
/// </summary>
internal sealed class CheckBudget(FlowContext flow, PriceTable prices)
{
    // A rule of thumb for English text; other languages and JSON need more tokens, images fewer.
    private const int BytesPerToken = 4;

    /// <exception cref="OffpeakException">The budget does not allow it, or cannot be kept because a price is unknown.</exception>
    public async Task RunAsync(Batch batch, CancellationToken ct)
    {
        if (batch.MaxCost is not { } budget)
            return;
        var factor = flow.Providers.Get(batch.Provider).Capabilities.PriceFactor;
        var (tokens, cost) = (0L, 0m);
        foreach (var (model, bytes) in await flow.Entries.SumBytesAsync(batch.Id, ct))
        {
            var price = prices.Find(batch.Provider, model) ?? throw new OffpeakException(
                OffpeakErrorCode.Budget,
                $"The price of {batch.Provider}/{model} is not known, so a budget cannot be kept. Nothing was sent. "
                + "Leave the budget out, or add the price to the configuration under Offpeak:Prices.");
            tokens += bytes / BytesPerToken;
            cost += bytes / BytesPerToken * price.Input * factor / 1_000_000m;
        }

        if (cost > budget)
        {
            throw new OffpeakException(
                OffpeakErrorCode.Budget,
                $"The input alone is about {tokens:N0} tokens and ${cost:0.######} at the batch price, which is over the budget of "
                + $"${budget:0.#########}. Nothing was sent. Raise the budget, or send less.");
        }
    }
}
