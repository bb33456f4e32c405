using System.Runtime.CompilerServices;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Entries;

/// <summary>Streams a batch's entries with their answers.</summary>
internal sealed class ReadEntries(IOffpeakStore store, ProviderRegistry providers)
{
    public async IAsyncEnumerable<EntryOutcome> RunAsync(BatchRow batch, [EnumeratorCancellation] CancellationToken ct)
    {
        var provider = providers.Get(batch.Provider);
        var fallback = batch.FallbackModel is { } other ? providers.Find(ModelName.Split(other).Provider) : null;
        var left = batch.EntryCount;
        for (long after = 0; await store.ReadResultsAsync(batch.Id, after, PageBytes.Most, ct) is { Count: > 0 } page; after = page[^1].Entry.Id)
        {
            left -= page.Count;
            foreach (var row in page)
                yield return new EntryOutcome(row, (row.IsFallback ? fallback : null) ?? provider, batch.Endpoint);
        }

        // A part must not pass for the whole.
        if (left > 0)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState, $"Batch {batch.Id} was deleted while its entries were read; {left:N0} of them are missing.");
        }
    }
}
