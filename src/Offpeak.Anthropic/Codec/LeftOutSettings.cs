using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Anthropic.Codec;

/// <summary>
/// Adds the settings that the official client leaves out of the body although the API has a field for them, and refuses the others by
/// name, so that none is lost silently.
/// </summary>
internal static class LeftOutSettings
{
    // Message Batches refuses these inside an entry (Anthropic docs, Batch processing); the others are the client's own.
    private static readonly HashSet<string> Refused = new(StringComparer.Ordinal)
    {
        "stream", "speed", "store", "previous_thread_event_id", "cache_hint", "context_hint",
    };

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="OffpeakException">A setting cannot be carried; the message names it.</exception>
    public static byte[] Add(byte[] body, CarriedFields carried, ChatOptions options)
    {
        if (Lost(carried, options).FirstOrDefault() is { } lost)
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"The setting {lost} cannot be sent to Anthropic; leave it out or choose another provider.");
        if (options is { Temperature: null, TopP: null, TopK: null, AdditionalProperties: null or { Count: 0 } })
            return body;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
            Write(json, carried, options);
        // Both are one object on one line: {…} and {…} become one.
        return buffer.WrittenCount <= 2 ? body : [.. body.AsSpan(..^1), (byte)',', .. buffer.WrittenSpan[1..]];
    }

    private static void Write(Utf8JsonWriter json, CarriedFields carried, ChatOptions options)
    {
        json.WriteStartObject();
        if (options.Temperature is { } temperature && !carried.Has("temperature"))
            json.WriteNumber("temperature", temperature);
        if (options.TopP is { } topP && !carried.Has("top_p"))
            json.WriteNumber("top_p", topP);
        if (options.TopK is { } topK && !carried.Has("top_k"))
            json.WriteNumber("top_k", topK);
        foreach (var (name, value) in options.AdditionalProperties ?? [])
            WriteProperty(json, name, value);
        json.WriteEndObject();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        try
        {
            JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
        }
        catch (Exception cause) when (cause is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"{NameOf(name)} holds a value that cannot be written as JSON.", cause);
        }
    }

    private static IEnumerable<string> Lost(CarriedFields carried, ChatOptions options)
    {
        foreach (var (name, isLost) in Table(carried, options))
        {
            if (isLost)
                yield return name;
        }

        foreach (var name in options.AdditionalProperties?.Keys ?? Enumerable.Empty<string>())
        {
            if (Refused.Contains(name) || carried.Has(name) || IsSetting(name, options))
                yield return NameOf(name);
        }
    }

    private static IEnumerable<(string Name, bool IsLost)> Table(CarriedFields carried, ChatOptions options)
    {
        yield return (nameof(options.Seed), options.Seed is not null);
        yield return (nameof(options.FrequencyPenalty), options.FrequencyPenalty is not null);
        yield return (nameof(options.PresencePenalty), options.PresencePenalty is not null);
        yield return (nameof(options.ConversationId), options.ConversationId is not null);
        yield return (nameof(options.AllowBackgroundResponses), options.AllowBackgroundResponses == true);
        yield return (nameof(options.ContinuationToken), options.ContinuationToken is not null);
        yield return (nameof(options.StopSequences), options.StopSequences is { Count: > 0 } && !carried.Has("stop_sequences"));
        yield return (nameof(options.Tools), options.Tools is { Count: > 0 } tools && carried.Tools < tools.Count);
        yield return (nameof(options.ToolMode), options is { Tools.Count: > 0, ToolMode: not null } && !carried.Has("tool_choice"));
        yield return ($"{nameof(options.ResponseFormat)} (JSON without a schema)", options.ResponseFormat is ChatResponseFormatJson && !carried.HasFormat);
        yield return (nameof(options.Reasoning), options.Reasoning?.Effort is not null && !carried.Has("thinking") && !carried.HasEffort);
        yield return ("Reasoning.Output", options.Reasoning?.Output is { } output && output != ReasoningOutput.None && !carried.Has("thinking"));
    }

    private static bool IsSetting(string name, ChatOptions options) => name switch
    {
        "temperature" => options.Temperature is not null,
        "top_p" => options.TopP is not null,
        "top_k" => options.TopK is not null,
        _ => false,
    };

    private static string NameOf(string property) => $"{nameof(ChatOptions.AdditionalProperties)}[\"{property}\"]";
}
