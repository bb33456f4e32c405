using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Wire;

/// <summary>One page of the list of batches, whose key is <c>operations</c> and which is left out when there is none.</summary>
internal sealed record OperationPage(IReadOnlyList<OperationObject> Items, string? NextPageToken)
{
    /// <summary>Reads a page; null if the bytes are no list of operations.</summary>
    public static OperationPage? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    private static OperationPage? From(JsonElement root)
    {
        var list = root.Child("operations") ?? root.Child("batches");
        if (root.Child("error") is not null || list is { ValueKind: not JsonValueKind.Array })
            return null;
        var items = list?.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(OperationObject.From).ToList();
        return new(items ?? [], root.Text("nextPageToken"));
    }
}
