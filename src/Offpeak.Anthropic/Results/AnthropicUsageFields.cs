using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Results;

/// <summary>
/// Token counts of a message. Anthropic's <c>input_tokens</c> leaves out what was read from or written to the cache (Anthropic docs,
/// Prompt caching); ours counts it in.
/// </summary>
internal static class AnthropicUsageFields
{
    /// <summary>Reads the current value to its end; null unless it is an object with a count in it.</summary>
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        long? input = null, output = null;
        long cacheRead = 0, cacheWrite = 0;
        while (reader.NextProperty())
        {
            if (reader.IsNamed("input_tokens"u8))
                input = reader.NextNumber() ?? input;
            else if (reader.IsNamed("output_tokens"u8))
                output = reader.NextNumber() ?? output;
            else if (reader.IsNamed("cache_read_input_tokens"u8))
                cacheRead = reader.NextNumber() ?? cacheRead;
            else if (reader.IsNamed("cache_creation_input_tokens"u8))
                cacheWrite = reader.NextNumber() ?? cacheWrite;
            else
                reader.NextIgnored();
        }

        return input is null && output is null
            ? null
            : new TokenUsage((input ?? 0) + cacheRead + cacheWrite, cacheRead, output ?? 0, CacheWriteTokens: cacheWrite);
    }
}
