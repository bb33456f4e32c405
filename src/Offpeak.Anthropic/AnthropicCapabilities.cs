using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Anthropic;

/// <summary>Limits and behaviour of Anthropic's Message Batches, as data.</summary>
public static class AnthropicCapabilities
{
    /// <summary>
    /// 100,000 requests and 256 MB a batch, a window of 24 hours, half price, one result for every request also after cancel and expiry
    /// (Anthropic docs, Batch processing). A batch has no field for a key of ours. The one endpoint is Messages, for which both neutral
    /// endpoints stand.
    /// </summary>
    public static ProviderCapabilities Default { get; } = new()
    {
        MaxEntries = 100_000,
        MaxBytes = 256_000_000,
        EntryOverheadBytes = 32,
        MaxAge = TimeSpan.FromHours(26),
        TakesOpenAIBodies = false,
        PriceFactor = 0.5m,
        Endpoints = [BatchEndpoint.Responses, BatchEndpoint.Chat],
    };
}
