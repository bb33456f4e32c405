using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.OpenAI;

/// <summary>Limits and behaviour of OpenAI's Batch API, as data.</summary>
public static class OpenAICapabilities
{
    /// <summary>
    /// 50,000 requests and 200 MB a batch, a window of 24 hours, half price, results kept after cancel and expiry, and the endpoints
    /// that the create call accepts (OpenAI API reference, Batch, and the Batch guide).
    /// </summary>
    public static ProviderCapabilities Default { get; } = new()
    {
        MaxEntries = 50_000,
        MaxBytes = 200_000_000,
        EntryOverheadBytes = 96,
        MaxAge = TimeSpan.FromHours(26),
        PriceFactor = 0.5m,
        Endpoints =
        [
            BatchEndpoint.Responses,
            BatchEndpoint.Chat,
            BatchEndpoint.Embeddings,
            new("/v1/completions"),
            new("/v1/moderations"),
            new("/v1/images/generations"),
            new("/v1/images/edits"),
            new("/v1/videos"),
        ],
    };
}
