using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Flow;

/// <summary>
/// Before a provider batch that was never accepted is cancelled: what its attempts left at the provider would run on, and cost, unseen. Best
/// effort; a provider that cannot be reached just then is reported.
/// </summary>
internal sealed class AbandonSubmission(FlowContext flow)
{
    public async Task RunAsync(ProviderBatch shard, CancellationToken ct)
    {
        if (shard.ProviderState is null && shard.FirstCreateAt is null)
            return;
        try
        {
            await flow.Providers.Get(shard.Provider).AbandonAsync(flow.Search(shard), ct);
        }
        catch (ProviderException error)
        {
            flow.Errors.Report(error, CancelBatch.Component, shard.BatchId);
        }
    }
}
