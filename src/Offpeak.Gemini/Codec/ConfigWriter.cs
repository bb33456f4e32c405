using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>Writes the settings of a request (Gemini API reference, GenerationConfig).</summary>
internal static class ConfigWriter
{
    public static void Write(Utf8JsonWriter json, string model, ChatOptions options, GeminiSchemaField schemaField)
    {
        if (!HasAny(options))
            return;
        json.WriteStartObject("generationConfig");
        WriteNumber(json, "temperature", options.Temperature);
        WriteNumber(json, "topP", options.TopP);
        WriteNumber(json, "topK", options.TopK);
        WriteNumber(json, "maxOutputTokens", options.MaxOutputTokens);
        WriteSeed(json, options.Seed);
        WriteNumber(json, "presencePenalty", options.PresencePenalty);
        WriteNumber(json, "frequencyPenalty", options.FrequencyPenalty);
        if (options.StopSequences is { Count: > 0 } stops)
            WriteStops(json, stops);
        if (options.ResponseFormat is ChatResponseFormatJson format)
            WriteFormat(json, format, schemaField);
        if (options.Reasoning is { } reasoning && HasAny(reasoning))
            WriteThinking(json, model, reasoning);
        json.WriteEndObject();
    }

    private static bool HasAny(ChatOptions options) =>
        options.Temperature is not null || options.TopP is not null || options.TopK is not null || options.MaxOutputTokens is not null
        || options.Seed is not null || options.PresencePenalty is not null || options.FrequencyPenalty is not null
        || options.StopSequences is { Count: > 0 } || options.ResponseFormat is ChatResponseFormatJson
        || (options.Reasoning is { } reasoning && HasAny(reasoning));

    private static bool HasAny(ReasoningOptions reasoning) => reasoning.Effort is not null || WantsThoughts(reasoning);

    private static bool WantsThoughts(ReasoningOptions reasoning) => reasoning.Output is ReasoningOutput.Summary or ReasoningOutput.Full;

    private static void WriteNumber(Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    /// <summary>Gemini's seed has 32 bits.</summary>
    private static void WriteSeed(Utf8JsonWriter json, long? seed)
    {
        if (seed is < int.MinValue or > int.MaxValue)
            throw Refusal.Input("The setting Seed must fit into 32 bits for Gemini.");
        WriteNumber(json, "seed", (int?)seed);
    }

    private static void WriteStops(Utf8JsonWriter json, IList<string> stops)
    {
        json.WriteStartArray("stopSequences");
        foreach (var stop in stops)
            json.WriteStringValue(stop);
        json.WriteEndArray();
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormatJson format, GeminiSchemaField schemaField)
    {
        json.WriteString("responseMimeType", "application/json");
        if (format.Schema is not { } schema)
            return;
        if (schemaField == GeminiSchemaField.ResponseSchema)
        {
            json.WritePropertyName("responseSchema");
            GoogleSchema.Write(schema).WriteTo(json);
            return;
        }

        json.WritePropertyName("responseJsonSchema");
        schema.WriteTo(json);
    }

    /// <summary>
    /// Gemini 2.5 takes a budget of tokens, later models a level. The budgets are those that Google's own OpenAI-compatible endpoint uses for
    /// the same words (Gemini API guide, OpenAI compatibility and Thinking).
    /// </summary>
    private static void WriteThinking(Utf8JsonWriter json, string model, ReasoningOptions reasoning)
    {
        json.WriteStartObject("thinkingConfig");
        if (WantsThoughts(reasoning))
            json.WriteBoolean("includeThoughts", true);
        if (reasoning.Effort is { } effort)
        {
            if (model.Contains("gemini-2", StringComparison.Ordinal))
                json.WriteNumber("thinkingBudget", BudgetOf(effort));
            else
                json.WriteString("thinkingLevel", LevelOf(effort));
        }

        json.WriteEndObject();
    }

    private static int BudgetOf(ReasoningEffort effort) => effort switch
    {
        ReasoningEffort.None => 0,
        ReasoningEffort.Low => 1_024,
        ReasoningEffort.Medium => 8_192,
        _ => 24_576,
    };

    private static string LevelOf(ReasoningEffort effort) => effort switch
    {
        ReasoningEffort.None => "MINIMAL",
        ReasoningEffort.Low => "LOW",
        ReasoningEffort.Medium => "MEDIUM",
        _ => "HIGH",
    };
}
