using Microsoft.Extensions.Options;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>What every step of the flow works with.</summary>
internal sealed record FlowContext(
    BatchStore Batches,
    ShardStore Shards,
    EntryStore Entries,
    ProviderRegistry Providers,
    IOptions<OffpeakOptions> CurrentOptions,
    IErrorReporter Errors,
    TimeProvider Time,
    FlowProbe Probe)
{
    // Our clock and the provider's may differ; looking a little further back costs nothing.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    public OffpeakOptions Options => CurrentOptions.Value;

    public DateTimeOffset Now => Time.GetUtcNow();

    public async Task<Batches.Batch> BatchOfAsync(Batches.ProviderBatch shard, CancellationToken ct) => await Batches.GetAsync(shard.BatchId, ct);

    /// <summary>What a provider is told to look for what attempts to submit a provider batch left behind.</summary>
    public FindRequest Search(Batches.ProviderBatch shard) => new(Describe(shard), (shard.FirstCreateAt ?? Now) - ClockSkew);

    public ProviderBatchRef Ref(Batches.ProviderBatch shard) => new StoredBatch(Entries, shard.Id, Describe(shard), shard.ProviderBatchId!)
    {
        CancelRequested = shard.CancelSentAt is not null,
    };

    public static ShardDescription Describe(Batches.ProviderBatch shard) => new()
    {
        Key = new SubmissionKey(shard.SubmissionKey),
        Model = shard.Model,
        Endpoint = new BatchEndpoint(shard.Endpoint),
        EntryCount = shard.EntryCount,
        Journal = ProviderStateJson.Read(shard.ProviderState),
    };

    [method: System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    private sealed record StoredBatch(EntryStore Entries, long ShardId, ShardDescription Shard, string Id) : ProviderBatchRef(Shard, Id)
    {
        public override IAsyncEnumerable<SubmissionEntry> ReadOpenEntriesAsync(CancellationToken cancellationToken) =>
            Entries.ReadOpenAsync(ShardId, Key, cancellationToken);
    }
}
