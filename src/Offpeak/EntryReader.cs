using System.Runtime.CompilerServices;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Streams a batch's entries with their answers.</summary>
internal sealed class EntryReader(EntryStore entries, ProviderRegistry providers)
{
    public async IAsyncEnumerable<EntryOutcome> ReadAsync(Batch batch, [EnumeratorCancellation] CancellationToken ct)
    {
        var codec = providers.Get(batch.Provider).Codec;
        var endpoint = new BatchEndpoint(batch.Endpoint);
        await foreach (var (entry, body) in entries.ReadResultsAsync(batch.Id, ct))
            yield return new EntryOutcome(entry, body, codec, endpoint);
    }
}
