using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Wire;

/// <summary>One page of the list of batches (Anthropic API reference, Message Batches, List).</summary>
internal sealed record MessageBatchPage(IReadOnlyList<MessageBatch> Items, bool? HasMore, string? LastId)
{
    /// <summary>Reads a page; null if there is no list in the bytes.</summary>
    public static MessageBatchPage? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    private static MessageBatchPage? From(JsonElement root)
    {
        if (root.Child("data") is not { ValueKind: JsonValueKind.Array } data)
            return null;
        var items = data.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(MessageBatch.From).ToList();
        return new(items, root.Bool("has_more"), root.Text("last_id") ?? items.LastOrDefault()?.Id);
    }
}
