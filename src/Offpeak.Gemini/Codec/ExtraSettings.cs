using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>
/// Settings that <see cref="ChatOptions"/> has no property for: by name in its additional properties, or a JSON object from its raw
/// representation. One that Gemini does not know, or that is set twice, is refused by name.
/// </summary>
internal static class ExtraSettings
{
    private const string Config = "generationConfig";

    private static readonly HashSet<string> OfRequest = new(StringComparer.Ordinal)
    {
        "safetySettings", "cachedContent", "serviceTier", "store", Config, "toolConfig", "tools",
    };

    private static readonly HashSet<string> OfConfig = new(StringComparer.Ordinal)
    {
        "candidateCount", "responseModalities", "thinkingConfig", "speechConfig", "mediaResolution", "responseLogprobs", "logprobs",
        "enableEnhancedCivicAnswers", "imageConfig", "responseSchema", "responseMimeType", "responseJsonSchema",
    };

    public static bool HasAny(ChatOptions options) =>
        options.AdditionalProperties is { Count: > 0 } || options.RawRepresentationFactory is not null;

    /// <summary>The settings together with those that were written already.</summary>
    public static JsonObject Merge(byte[] settings, ChatOptions options)
    {
        var merged = JsonEdit.Parse(settings);
        if (options.RawRepresentationFactory is { } factory && ReadRaw(factory(NoClient.Instance)) is { } raw)
            Merge(merged, raw, nameof(options.RawRepresentationFactory));
        if (options.AdditionalProperties is { Count: > 0 } more)
            Merge(merged, ReadMore(more), nameof(options.AdditionalProperties));
        return merged;
    }

    private static JsonObject? ReadRaw(object? raw) => raw switch
    {
        null => null,
        JsonObject node => node.DeepClone().AsObject(),
        JsonElement { ValueKind: JsonValueKind.Object } element => JsonObject.Create(element),
        _ => throw Refusal.Setting($"{nameof(ChatOptions.RawRepresentationFactory)} (it gave {raw.GetType().Name}, not a JSON object)"),
    };

    private static JsonObject ReadMore(AdditionalPropertiesDictionary properties)
    {
        var more = new JsonObject();
        foreach (var (key, value) in properties)
        {
            var name = CamelCase(key);
            var node = value as JsonNode
                ?? (value is null ? null : JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())));
            if (OfRequest.Contains(name))
                Merge(more, new JsonObject { [name] = node?.DeepClone() }, nameof(ChatOptions.AdditionalProperties));
            else if (OfConfig.Contains(name))
                Merge(more, new JsonObject { [Config] = new JsonObject { [name] = node?.DeepClone() } }, nameof(ChatOptions.AdditionalProperties));
            else
                throw Refusal.Setting($"{nameof(ChatOptions.AdditionalProperties)}[\"{key}\"]");
        }

        return more;
    }

    private static void Merge(JsonObject body, JsonObject more, string source)
    {
        foreach (var (name, value) in more)
        {
            if (body[name] is not { } present)
                body[name] = value?.DeepClone();
            else if (present is JsonObject inner && value is JsonObject further)
                Merge(inner, further, source);
            else if (name == "tools" && present is JsonArray tools && value is JsonArray moreTools)
                Append(tools, moreTools);
            else
                throw Refusal.Input($"The setting {name} is set twice: by a setting of its own and by {source}.");
        }
    }

    private static void Append(JsonArray list, JsonArray more)
    {
        foreach (var item in more)
            list.Add(item?.DeepClone());
    }

    private static string CamelCase(string name)
    {
        var parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length < 2 ? name : parts[0] + string.Concat(parts.Skip(1).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
    }

    /// <summary>Stands where a raw representation wants the client that will send it.</summary>
    private sealed class NoClient : IChatClient
    {
        public static readonly NoClient Instance = new();

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }
}
