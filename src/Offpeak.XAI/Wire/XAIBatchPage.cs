using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.XAI.Wire;

/// <summary>One page of the list of batches.</summary>
internal sealed record XAIBatchPage(IReadOnlyList<XAIBatchObject> Items, string? NextToken)
{
    /// <summary>Reads a page; null if there is no list in the bytes.</summary>
    public static XAIBatchPage? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    private static XAIBatchPage? From(JsonElement root)
    {
        var items = (root.Child("batches") ?? root.Child("data")) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(XAIBatchObject.From).ToList()
            : root.TryGetProperty("batches", out _) ? [] : null;
        return items is null ? null : new(items, root.Text("pagination_token"));
    }
}
