using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.XAI.Calls;

/// <summary>Asks which of our entries a batch already holds (xAI API reference, Batches, List requests).</summary>
internal sealed class RequestIds(PagedItems pages)
{
    // The default, as no largest size is documented for this list.
    private const int PageSize = 100;

    public async Task<HashSet<long>> ReadAsync(string batchId, SubmissionKey key, CancellationToken cancellationToken)
    {
        var ids = new HashSet<long>();
        await foreach (var item in pages.ReadAsync(BatchCalls.PathOf(batchId) + "/requests", "batch_request_metadata", PageSize, "list the batch's requests", cancellationToken))
        {
            if (WireIdOf(item) is { } wireId && key.TryReadEntryId(wireId, out var entryId))
                ids.Add(entryId);
        }

        return ids;
    }

    private static string? WireIdOf(ReadOnlyMemory<byte> item)
    {
        try
        {
            using var document = JsonDocument.Parse(item);
            return document.RootElement.Text("batch_request_id");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
