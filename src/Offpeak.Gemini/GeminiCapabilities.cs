using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Gemini;

/// <summary>Limits and behaviour of the Gemini Batch API, as data.</summary>
public static class GeminiCapabilities
{
    /// <summary>
    /// 2 GB an input file, batches that expire after 48 hours without any results, half price (Gemini API guide, Batch API). Google names
    /// no number of requests; 200,000 is Offpeak's own, so that one lost batch is not too much to lose. The neutral endpoints for chat
    /// both mean <c>generateContent</c>.
    /// </summary>
    public static ProviderCapabilities Default { get; } = new()
    {
        MaxEntries = 200_000,
        MaxBytes = 2_000_000_000,
        EntryOverheadBytes = 64,
        MaxAge = TimeSpan.FromHours(50),
        TakesOpenAIBodies = false,
        PriceFactor = 0.5m,
        Endpoints = [BatchEndpoint.Responses, BatchEndpoint.Chat, BatchEndpoint.Embeddings],
    };
}
