using System.Runtime.CompilerServices;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Streams a batch's entries with their answers.</summary>
internal sealed class EntryReader(EntryStore entries, ShardStore shards, ProviderRegistry providers)
{
    public async IAsyncEnumerable<EntryOutcome> ReadAsync(Batch batch, [EnumeratorCancellation] CancellationToken ct)
    {
        var codec = providers.Get(batch.Provider).Codec;
        var endpoint = new BatchEndpoint(batch.Endpoint);
        var others = await OtherCodecsAsync(batch, ct);
        await foreach (var (entry, body) in entries.ReadResultsAsync(batch.Id, ct))
        {
            var other = entry.ShardId is { } shard ? others.GetValueOrDefault(shard) : null;
            yield return new EntryOutcome(entry, body, other ?? codec, endpoint);
        }
    }

    // Only a fallback answers in another provider's words.
    private async Task<Dictionary<long, IEntryCodec>> OtherCodecsAsync(Batch batch, CancellationToken ct) => batch.FallbackSince is null
        ? []
        : (await shards.ListAsync(batch.Id, ct))
            .Where(shard => shard.Provider != batch.Provider)
            .ToDictionary(shard => shard.Id, shard => providers.Get(shard.Provider).Codec);
}
