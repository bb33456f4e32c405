using System.Text.Json;
using System.Text.RegularExpressions;
using Offpeak.Codec;

namespace Offpeak.Policies;

/// <summary>Prices by <c>provider/model</c>. A model it does not know has no cost, which is not the same as a cost of zero.</summary>
public sealed partial class PriceTable
{
    private static readonly Lazy<PriceTable> BuiltInTable = new(LoadBuiltIn);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip };

    private readonly IReadOnlyDictionary<string, ModelPrice> prices;

    /// <summary>Makes a table from prices by <c>provider/model</c>.</summary>
    public PriceTable(IReadOnlyDictionary<string, ModelPrice> prices) => this.prices = prices;

    /// <summary>The table that ships with Offpeak, see <c>Policies/prices.json</c>.</summary>
    public static PriceTable BuiltIn => BuiltInTable.Value;

    /// <summary>A copy in which some prices are added or replaced.</summary>
    public PriceTable With(IReadOnlyDictionary<string, ModelPrice> changes)
    {
        var merged = new Dictionary<string, ModelPrice>(prices, StringComparer.OrdinalIgnoreCase);
        foreach (var (model, price) in changes)
            merged[model] = price;
        return new PriceTable(merged);
    }

    /// <summary>The price of a model; a dated snapshot (<c>gpt-5-nano-2025-08-07</c>) has the price of its family. Null if unknown.</summary>
    public ModelPrice? Find(string provider, string model)
    {
        if (prices.TryGetValue($"{provider}/{model}", out var price))
            return price;
        // Only a date may be cut off: gpt-5-nano is not gpt-5, and claude-opus-4-1 is not claude-opus-4.
        var date = SnapshotDate().Match(model);
        return date.Success && prices.TryGetValue($"{provider}/{model[..date.Index]}", out price) ? price : null;
    }

    /// <summary>Cost of one answer in US dollars; null if the model's price is unknown.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model, without the provider's name.</param>
    /// <param name="usage">Tokens used.</param>
    /// <param name="priceFactor">Part of the list price that applies: 0.5 for half price.</param>
    public decimal? Cost(string provider, string model, TokenUsage usage, decimal priceFactor)
    {
        if (Find(provider, model) is not { } price)
            return null;
        var cached = Math.Min(usage.CachedInputTokens, usage.InputTokens);
        var total = ((usage.InputTokens - cached) * price.Input)
            + (cached * (price.CachedInput ?? price.Input))
            + (usage.OutputTokens * price.Output);
        return total * priceFactor / 1_000_000m;
    }

    [GeneratedRegex(@"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex SnapshotDate();

    private static PriceTable LoadBuiltIn()
    {
        using var stream = typeof(PriceTable).Assembly.GetManifestResourceStream("Offpeak.prices.json")!;
        return new PriceTable(JsonSerializer.Deserialize<Dictionary<string, ModelPrice>>(stream, Json)!);
    }
}
