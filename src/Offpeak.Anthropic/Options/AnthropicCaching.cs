using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace Offpeak;

/// <summary>Prompt caching in batches.</summary>
public static class AnthropicCaching
{
    /// <summary>
    /// Asks Anthropic to cache the prompt up to and with this content for an hour. Batches run longer than the five minutes that a cache
    /// lives otherwise, and the discount of a cache hit comes on top of the batch's (Anthropic docs, Prompt caching and Batch processing).
    /// Other providers do not see the mark.
    /// </summary>
    /// <param name="content">The last content of what entries have in common, such as a long system text; changed and returned.</param>
    public static T CacheForAnHour<T>(this T content) where T : AIContent => content.WithCacheControl(Ttl.Ttl1h);
}
