namespace Offpeak.Policies;

/// <summary>List price of a model in US dollars per million tokens, before the batch discount.</summary>
/// <param name="Input">Input tokens.</param>
/// <param name="CachedInput">Input tokens read from the prompt cache; null means the input price.</param>
/// <param name="Output">Output tokens, reasoning included; 0 for models without output, such as embeddings.</param>
public sealed record ModelPrice(decimal Input, decimal? CachedInput = null, decimal Output = 0);
