using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.XAI;

/// <summary>Limits and behaviour of xAI's Batch API, as data.</summary>
public static class XAICapabilities
{
    /// <summary>
    /// 50,000 requests and 200 MB a batch, which are the limits of an input file; a batch that entries are added to has none, but smaller
    /// shards start and end sooner. Chat completions and Responses (xAI Batch API guide).
    /// </summary>
    /// <remarks>
    /// xAI aims at 24 hours without a promise, never expires a batch early and keeps results for 30 days, so a late batch is waited for a
    /// week, not a day. The discount depends on the model, 20 % at most of the current ones; the cost that each answer reports wins.
    /// </remarks>
    public static ProviderCapabilities Default { get; } = new()
    {
        MaxEntries = 50_000,
        MaxBytes = 200_000_000,
        EntryOverheadBytes = 96,
        MaxAge = TimeSpan.FromDays(7),
        PriceFactor = 0.8m,
        Endpoints = [BatchEndpoint.Chat, BatchEndpoint.Responses],
    };
}
