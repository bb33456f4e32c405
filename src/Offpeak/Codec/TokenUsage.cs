namespace Offpeak.Codec;

/// <summary>Tokens that one entry used.</summary>
/// <param name="InputTokens">All input tokens, cached ones included.</param>
/// <param name="CachedInputTokens">Input tokens read from the provider's prompt cache.</param>
/// <param name="OutputTokens">All output tokens, reasoning included.</param>
/// <param name="ReasoningTokens">Output tokens spent on reasoning.</param>
/// <param name="CacheWriteTokens">Input tokens written to the provider's prompt cache, where that has a price of its own.</param>
public sealed record TokenUsage(
    long InputTokens, long CachedInputTokens, long OutputTokens, long ReasoningTokens = 0, long CacheWriteTokens = 0);
