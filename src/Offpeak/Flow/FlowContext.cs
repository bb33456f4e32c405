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
    public OffpeakOptions Options => CurrentOptions.Value;

    public DateTimeOffset Now => Time.GetUtcNow();

    public async Task<Batches.Batch> BatchOfAsync(Batches.ProviderBatch shard, CancellationToken ct) => await Batches.GetAsync(shard.BatchId, ct);

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
