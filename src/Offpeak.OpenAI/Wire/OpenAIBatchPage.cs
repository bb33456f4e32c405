using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Wire;

/// <summary>One page of a list of batches, in any of the wrappers that servers of this dialect use.</summary>
internal sealed record OpenAIBatchPage(IReadOnlyList<OpenAIBatch> Items, bool? HasMore, string? LastId)
{
    /// <summary>Reads <c>data</c>, <c>value</c> or a bare array; null if there is no list in the bytes.</summary>
    public static OpenAIBatchPage? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var list = root.ValueKind == JsonValueKind.Array ? root : root.Child("data") ?? root.Child("value") ?? root.Child("batches");
            if (list is not { ValueKind: JsonValueKind.Array } array)
                return null;
            var items = array.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(OpenAIBatch.From).ToList();
            return new(items, root.Bool("has_more"), root.Text("last_id") ?? items.LastOrDefault()?.Id);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
