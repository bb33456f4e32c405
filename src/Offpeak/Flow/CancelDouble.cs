using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Flow;

/// <summary>A double costs money for nothing: it is shown on the row, reported, and the provider is asked to stop it.</summary>
internal sealed class CancelDouble(FlowContext flow)
{
    /// <summary>Settles a provider batch that the row does not name yet.</summary>
    public async Task NoteAsync(ProviderBatch shard, string id, CancellationToken ct)
    {
        await flow.Shards.AddDoubleAsync(shard.Id, id, ct);
        await RunAsync(shard, id, ct);
    }

    public async Task RunAsync(ProviderBatch shard, string id, CancellationToken ct)
    {
        flow.Errors.Report(
            new OffpeakException(
                OffpeakErrorCode.Provider, $"Provider batch {id} is a double of {shard.SubmissionKey}; the provider was asked to cancel it."),
            ReconcileSubmission.Component,
            shard.BatchId);
        try
        {
            await flow.Providers.Get(shard.Provider).CancelAsync(flow.Ref(shard) with { ProviderBatchId = id }, ct);
        }
        catch (ProviderException error)
        {
            flow.Errors.Report(error, ReconcileSubmission.Component, shard.BatchId);
        }
    }
}
