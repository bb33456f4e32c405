using Microsoft.Extensions.Options;
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
    public FindRequest Search(Batches.ProviderBatch shard) => new(
        new SubmissionKey(shard.SubmissionKey),
        (shard.FirstCreateAt ?? Now) - ClockSkew,
        shard.Model,
        shard.EntryCount,
        ProviderStateJson.Read(shard.ProviderState));

    public ProviderBatchRef Ref(Batches.ProviderBatch shard)
    {
        var key = new SubmissionKey(shard.SubmissionKey);
        return new ProviderBatchRef(
            shard.ProviderBatchId!, key, shard.Model, new BatchEndpoint(shard.Endpoint), shard.EntryCount, ProviderStateJson.Read(shard.ProviderState))
        {
            CancelRequested = shard.CancelSentAt is not null,
            ReadOpenEntries = ct => Entries.ReadOpenAsync(shard.Id, key, ct),
        };
    }
}
