using System.Text.Json.Nodes;

namespace Offpeak.Testing;

/// <summary>Merges a patch into an answer. Unlike RFC 7396 a null stays a null: broken servers send them.</summary>
internal static class JsonPatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (target is not JsonObject fields || patch is not JsonObject changes)
            return patch?.DeepClone();
        foreach (var (name, change) in changes)
            fields[name] = Merged(fields[name], change);
        return fields;
    }

    private static JsonNode? Merged(JsonNode? old, JsonNode? change) =>
        old is JsonObject && change is JsonObject ? Apply(old.DeepClone(), change) : change?.DeepClone();
}
