using System.Globalization;
using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Results;

/// <summary>
/// Token counts under the names of chat completions, embeddings and Responses (OpenAI API reference, usage objects), and the cost that some
/// servers add: xAI in ticks, OpenRouter in US dollars.
/// </summary>
internal static class OpenAIUsageFields
{
    // xAI API reference, Batch, cost_breakdown: one tick is 1e-10 US dollars.
    private const decimal DollarsPerTick = 0.0000000001m;

    /// <summary>Reads the current value to its end; null unless it is an object with a count in it.</summary>
    public static TokenUsage? Read(ref Utf8JsonReader reader, out decimal? cost)
    {
        cost = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        long? input = null, output = null;
        long cached = 0, reasoning = 0;
        while (reader.NextProperty())
        {
            if (reader.IsNamed("prompt_tokens"u8) || reader.IsNamed("input_tokens"u8))
                input = NextNumber(ref reader) ?? input;
            else if (reader.IsNamed("completion_tokens"u8) || reader.IsNamed("output_tokens"u8))
                output = NextNumber(ref reader) ?? output;
            else if (reader.IsNamed("prompt_tokens_details"u8) || reader.IsNamed("input_tokens_details"u8))
                cached = NextDetail(ref reader, "cached_tokens"u8) ?? cached;
            else if (reader.IsNamed("completion_tokens_details"u8) || reader.IsNamed("output_tokens_details"u8))
                reasoning = NextDetail(ref reader, "reasoning_tokens"u8) ?? reasoning;
            else if (reader.IsNamed("cost_in_usd_ticks"u8))
                cost = NextNumber(ref reader) * DollarsPerTick ?? cost;
            else if (reader.IsNamed("cost"u8))
                cost = NextMoney(ref reader) ?? cost;
            else
                NextNumber(ref reader);
        }

        return input is null && output is null ? null : new TokenUsage(input ?? 0, cached, output ?? 0, reasoning);
    }

    private static long? NextNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        var number = reader.NumberOrNull();
        reader.SkipValue();
        return number;
    }

    private static decimal? NextMoney(ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TextOrNull();
        reader.SkipValue();
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var money) && money >= 0 ? money : null;
    }

    private static long? NextDetail(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        long? detail = null;
        while (reader.NextProperty())
        {
            var wanted = reader.IsNamed(name);
            var number = NextNumber(ref reader);
            detail = wanted ? number ?? detail : detail;
        }

        return detail;
    }
}
