using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Offpeak.Codec;

namespace Offpeak.Models;

/// <summary>What is known of models, by <c>provider/model</c>. A model it does not know has no cost, which is not the same as a cost of zero.</summary>
public sealed partial class ModelTable
{
    private static readonly Lazy<ModelTable> BuiltInTable = new(LoadBuiltIn);

    private readonly Dictionary<string, ModelInfo> models;

    /// <summary>Makes a table. A name that ends in <c>*</c> stands for every model that begins so and has no line of its own.</summary>
    public ModelTable(IReadOnlyDictionary<string, ModelInfo> models) =>
        this.models = new Dictionary<string, ModelInfo>(models, StringComparer.OrdinalIgnoreCase);

    /// <summary>The table that ships with Offpeak, see <c>Models/models.json</c>.</summary>
    public static ModelTable BuiltIn => BuiltInTable.Value;

    /// <summary>A copy in which some models and prices are added or replaced.</summary>
    public ModelTable With(IReadOnlyDictionary<string, ModelInfo> changed, IReadOnlyDictionary<string, ModelPrice> prices)
    {
        var merged = new Dictionary<string, ModelInfo>(models, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, model) in changed)
            merged[name] = model with { Price = model.Price ?? merged.GetValueOrDefault(name)?.Price };
        foreach (var (name, price) in prices)
            merged[name] = (merged.GetValueOrDefault(name) ?? new ModelInfo()) with { Price = price, Effective = null, Source = "configuration" };
        return new ModelTable(merged);
    }

    /// <summary>A model; a dated snapshot (<c>gpt-5-nano-2025-08-07</c>) is its family. Null if unknown.</summary>
    public ModelInfo? Find(string provider, string model)
    {
        var name = $"{provider}/{model}";
        if (models.TryGetValue(name, out var found))
            return found;
        // Only a date may be cut off: gpt-5-nano is not gpt-5, and claude-opus-4-1 is not claude-opus-4.
        var date = SnapshotDate().Match(name);
        if (date.Success && models.TryGetValue(name[..date.Index], out found))
            return found;
        return models.Where(line => line.Key.EndsWith('*') && name.StartsWith(line.Key[..^1], StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(line => line.Key.Length).Select(line => line.Value).FirstOrDefault();
    }

    /// <summary>Cost of one answer in US dollars; null if the model's price is unknown.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model, without the provider's name.</param>
    /// <param name="usage">Tokens used.</param>
    /// <param name="batchFactor">Part of the list price that the provider's batches cost, where the model has none of its own.</param>
    public decimal? Cost(string provider, string model, TokenUsage usage, decimal batchFactor) =>
        Find(provider, model)?.Price?.Cost(usage, batchFactor);

    [GeneratedRegex(@"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex SnapshotDate();

    // By hand: a serializer would spend a tenth of a command's start on its own reflection.
    private static ModelTable LoadBuiltIn()
    {
        using var stream = typeof(ModelTable).Assembly.GetManifestResourceStream("Offpeak.models.json")!;
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var models = new Dictionary<string, ModelInfo>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in document.RootElement.EnumerateObject())
            models[line.Name] = ReadModel(line.Value);

        return new ModelTable(models);
    }

    private static ModelInfo ReadModel(JsonElement line) => new()
    {
        Price = line.TryGetProperty("price", out var price) ? ReadPrice(price) : null,
        CanBatch = !line.TryGetProperty("canBatch", out var canBatch) || canBatch.GetBoolean(),
        Endpoints = line.TryGetProperty("endpoints", out var endpoints) ? [.. endpoints.EnumerateArray().Select(endpoint => endpoint.GetString()!)] : [],
        MaxOutputTokens = line.TryGetProperty("maxOutputTokens", out var most) ? most.GetInt32() : null,
        Effective = line.TryGetProperty("effective", out var since) ? DateOnly.ParseExact(since.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
        Source = line.TryGetProperty("source", out var source) ? source.GetString() : null,
    };

    private static ModelPrice ReadPrice(JsonElement price)
    {
        decimal? Of(string name) => price.TryGetProperty(name, out var value) ? value.GetDecimal() : null;
        return new ModelPrice(Of("input") ?? 0, Of("cachedInput"), Of("output") ?? 0, Of("cacheWrite"), Of("batchFactor"), Of("cachedBatchFactor"));
    }
}
