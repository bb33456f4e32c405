using Offpeak.Codec;

namespace Offpeak.Models;

/// <summary>List price of a model in US dollars per million tokens, before the batch discount.</summary>
/// <param name="Input">Input tokens.</param>
/// <param name="CachedInput">Input tokens read from the prompt cache; null means the input price.</param>
/// <param name="Output">Output tokens, reasoning included; 0 for models without output, such as embeddings.</param>
/// <param name="CacheWrite">Input tokens written to the prompt cache; null means the input price.</param>
/// <param name="BatchFactor">Part of these prices that a batch costs, 0.5 for half; null means what the provider gives on most models.</param>
/// <param name="CachedBatchFactor">The same for cached input, where the discount leaves it out; null means <paramref name="BatchFactor"/>.</param>
public sealed record ModelPrice(
    decimal Input, decimal? CachedInput = null, decimal Output = 0, decimal? CacheWrite = null, decimal? BatchFactor = null,
    decimal? CachedBatchFactor = null)
{
    /// <summary>Cost of some tokens in US dollars.</summary>
    /// <param name="usage">The tokens.</param>
    /// <param name="batchFactor">The provider's part of the list price, where the model has none of its own.</param>
    public decimal Cost(TokenUsage usage, decimal batchFactor)
    {
        var cached = Math.Min(usage.CachedInputTokens, usage.InputTokens);
        var written = Math.Min(usage.CacheWriteTokens, usage.InputTokens - cached);
        var factor = BatchFactor ?? batchFactor;
        var total = ((usage.InputTokens - cached - written) * Input * factor)
            + (written * (CacheWrite ?? Input) * factor)
            + (cached * (CachedInput ?? Input) * (CachedBatchFactor ?? factor))
            + (usage.OutputTokens * Output * factor);
        return total / 1_000_000m;
    }
}
