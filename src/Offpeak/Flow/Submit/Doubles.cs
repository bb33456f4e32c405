using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Provider batches beside the one that counts. A double costs money for nothing: it is shown on the row, reported, and the provider is asked
/// to stop it. Where a create call's reply was never seen, the provider is looked at once more before the shard is closed.
/// </summary>
internal sealed class Doubles(FlowContext flow)
{
    private const string CannotTell = "A create call was never answered and the provider cannot tell whether it made a second batch; check its console.";

    /// <summary>Settles a provider batch that the row does not name yet.</summary>
    public async Task NoteAsync(string component, ShardRow shard, string id, CancellationToken ct)
    {
        await flow.Store.AddDoubleAsync(shard.Id, id, ct);
        await StopAsync(component, shard, id, ct);
    }

    /// <summary>Reports a double that the row names, and asks the provider to stop it.</summary>
    public async Task StopAsync(string component, ShardRow shard, string id, CancellationToken ct)
    {
        flow.Errors.Report(
            new OffpeakException(
                OffpeakErrorCode.Provider, $"Provider batch {id} is a double of {shard.SubmissionKey}; the provider was asked to cancel it."),
            component,
            shard.BatchId);
        try
        {
            await flow.Providers.Get(shard.Provider).CancelAsync(flow.Ref(shard) with { ProviderBatchId = id }, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            flow.Errors.Report(error, component, shard.BatchId);
        }
    }

    /// <summary>Looks once more for what create calls without a reply may have left. Does nothing if every create call was answered.</summary>
    /// <returns>What stays in doubt, as one sentence, a doubt of the row's included; null if nothing does.</returns>
    /// <exception cref="ProviderException">The provider cannot be asked just now.</exception>
    public async Task<string?> LookAgainAsync(string component, ShardRow shard, CancellationToken ct)
    {
        if (shard.LostCreates == 0)
            return shard.Doubt;

        var found = await flow.Providers.Get(shard.Provider).FindAsync(FlowContext.Search(shard), ct);
        flow.Probe.Reached(FlowPoint.LookedAgain);
        var strangers = found.ProviderBatchIds
            .Except([.. shard.RejectedIds, .. shard.Doubles, shard.ProviderBatchId ?? ""], StringComparer.Ordinal).ToList();
        foreach (var id in strangers)
            await NoteAsync(component, shard, id, ct);

        if (strangers.Count >= shard.LostCreates)
            return shard.Doubt;

        // One that no list shows yet cannot be told from one that was never made.
        var mayLag = await flow.NowAsync(ct) - shard.CreateBegunAt < flow.Options.ReconcileVisibilityWindow;
        return flow.HasOtherKey(shard) ? Trouble.OtherKey.Message
            : found.Outcome == FindOutcome.Unknown || found.MayBeMore ? CannotTell
            : shard.Doubt ?? (mayLag ? CannotTell : null);
    }

    /// <summary>As <see cref="LookAgainAsync"/>, for a shard that is being closed and cannot wait: a provider that cannot be asked leaves a doubt.</summary>
    public async Task<string?> LookLastAsync(string component, ShardRow shard, CancellationToken ct)
    {
        try
        {
            return await LookAgainAsync(component, shard, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            flow.Errors.Report(error, component, shard.BatchId);
            return CannotTell;
        }
    }
}
