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
        for (long after = 0; await store.ReadResultsAsync(batch.Id, after, PageBytes.Most, ct) is { Count: > 0 } page; after = page[^1].Entry.Id)
        {
            foreach (var row in page)
                yield return new EntryOutcome(row, (row.IsFallback ? fallback : null) ?? provider, batch.Endpoint);
        }
    }
}
