using Offpeak.Diagnostics;
using Offpeak.Entries;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Encodes entries and adds them to a batch, in chunks that are each durable when the next begins.</summary>
internal sealed class AddEntries(FlowContext flow)
{
    private const int ChunkSize = 1_000;

    public AddEntries In(FlowContext other) => new(other);

    public async Task RunAsync(long batchId, IAsyncEnumerable<NewEntry> entries, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(batchId, ct);
        var fallback = batch.FallbackModel is { } other ? flow.Providers.Get(ModelName.Split(other).Provider) : null;
        var encoder = new EntryEncoder(batch, flow.Providers.Get(batch.Provider), fallback);
        var chunk = new List<NewEntryRow>(ChunkSize);
        long bytes = 0;
        await foreach (var entry in entries.WithCancellation(ct))
        {
            var row = encoder.Encode(entry);
            chunk.Add(row);
            bytes += row.Body.Length + (row.FallbackBody?.Length ?? 0);
            if (chunk.Count < ChunkSize && bytes < PageBytes.Most)
                continue;

            await AddAsync(batchId, chunk, ct);
            (chunk, bytes) = (new List<NewEntryRow>(ChunkSize), 0);
        }

        if (chunk.Count > 0)
            await AddAsync(batchId, chunk, ct);
    }

    private async Task AddAsync(long batchId, List<NewEntryRow> chunk, CancellationToken ct)
    {
        await flow.Store.AddEntriesAsync(batchId, chunk, ct);
        flow.Probe.Reached(FlowPoint.EntriesAdded);
    }
}
