using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Wire;

/// <summary>One page of the list of batches, whose key is <c>operations</c> and which is left out when there is none.</summary>
internal sealed record OperationPage(IReadOnlyList<OperationObject> Items, string? NextPageToken)
{
    /// <summary>Reads a page; null if the bytes are no list of operations.</summary>
    public static OperationPage? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.Child("error") is not null)
                return null;
            var list = root.Child("operations") ?? root.Child("batches");
            if (list is { ValueKind: not JsonValueKind.Array })
                return null;
            var items = list?.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(OperationObject.From).ToList();
            return new(items ?? [], root.Text("nextPageToken"));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
