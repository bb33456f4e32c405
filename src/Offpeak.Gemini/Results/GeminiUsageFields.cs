using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Results;

/// <summary>
/// Token counts (Gemini API reference, UsageMetadata): what tools put into the prompt counts as input, thoughts count as output beside the
/// candidates' tokens.
/// </summary>
internal static class GeminiUsageFields
{
    /// <summary>Reads the current value to its end; null unless it is an object with a count in it.</summary>
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        long? prompt = null, candidates = null;
        long tools = 0, cached = 0, thoughts = 0;
        while (reader.NextProperty())
        {
            if (reader.IsNamed("promptTokenCount"u8))
                prompt = NextNumber(ref reader) ?? prompt;
            else if (reader.IsNamed("candidatesTokenCount"u8))
                candidates = NextNumber(ref reader) ?? candidates;
            else if (reader.IsNamed("thoughtsTokenCount"u8))
                thoughts = NextNumber(ref reader) ?? thoughts;
            else if (reader.IsNamed("cachedContentTokenCount"u8))
                cached = NextNumber(ref reader) ?? cached;
            else if (reader.IsNamed("toolUsePromptTokenCount"u8))
                tools = NextNumber(ref reader) ?? tools;
            else
                NextNumber(ref reader);
        }

        return prompt is null && candidates is null && thoughts == 0
            ? null
            : new TokenUsage((prompt ?? 0) + tools, cached, (candidates ?? 0) + thoughts, thoughts);
    }

    private static long? NextNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        var number = reader.NumberOrNull();
        reader.SkipValue();
        return number;
    }
}
