using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Settles a submit that was interrupted or whose reply was lost: back to pending if the create certainly never happened, adopted if the
/// provider has it, otherwise left visible.
/// </summary>
internal sealed class ReconcileSubmission(
    FlowContext flow, RecordAcceptance acceptance, CancelDouble cancelDouble, AbandonSubmission abandon, AdvanceBatch advance)
{
    public const string Component = "reconcile_submissions";

    public async Task<ReconcileOutcome> RunAsync(ProviderBatch shard, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        if (shard.Status == ProviderBatchStatus.Submitting && !flow.Shards.IsFree(shard))
            return ReconcileOutcome.UnderWay;
        if (shard.Status == ProviderBatchStatus.Submitting)
        {
            flow.Probe.Reached(FlowPoint.LeaseTakenOver);
            if (shard.CreateBegunAt is null)
                return await ReleaseAsync(shard, ProviderBatchEvent.ReleaseSubmit, ct);
            if (!await MarkLostAsync(shard, ct))
                return ReconcileOutcome.UnderWay;
        }

        return await LookUpAsync((await flow.Shards.FindAsync(shard.Id, ct))!, ct);
    }

    private async Task<bool> MarkLostAsync(ProviderBatch shard, CancellationToken ct)
    {
        var now = flow.Now;
        var moved = await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.LoseReply,
            set =>
            {
                set.SetProperty(p => p.UnconfirmedAt, now);
                set.SetProperty(p => p.LastError, "The process that was submitting it ended before the provider's reply was recorded.");
                ShardStore.ReleaseLease(set);
            },
            ct);
        if (moved)
            flow.Probe.Reached(FlowPoint.ReplyLost);
        return moved;
    }

    private async Task<ReconcileOutcome> LookUpAsync(ProviderBatch shard, CancellationToken ct)
    {
        if (shard.Status != ProviderBatchStatus.Unconfirmed)
            return ReconcileOutcome.UnderWay;
        var asked = flow.Now;
        var found = await FindAsync(shard, ct);
        string[] settled = [.. ProviderStateJson.ReadIds(shard.RejectedIds), .. ProviderStateJson.ReadIds(shard.DuplicateIds)];
        var candidates = found.ProviderBatchIds.Except(settled, StringComparer.Ordinal).ToList();
        return found.Outcome switch
        {
            FindOutcome.Found when candidates.Count > 0 => await AdoptAsync(shard, candidates, ct),
            FindOutcome.Resumable => await ReleaseAsync(shard, ProviderBatchEvent.ProveAbsent, ct),
            FindOutcome.Unknown => await LeaveToOperatorAsync(shard, ct),
            _ when asked - shard.UnconfirmedAt >= flow.Options.ReconcileVisibilityWindow =>
                await ReleaseAsync(shard, ProviderBatchEvent.ProveAbsent, ct),
            _ => ReconcileOutcome.StillLooking,
        };
    }

    private async Task<FindResult> FindAsync(ProviderBatch shard, CancellationToken ct)
    {
        try
        {
            return await flow.Providers.Get(shard.Provider).FindAsync(flow.Search(shard), ct);
        }
        catch (ProviderException error)
        {
            var paused = error.Class == ProviderErrorClass.Unauthorized ? error.Message : null;
            await flow.Shards.TryUpdateAsync(
                shard,
                set =>
                {
                    set.SetProperty(p => p.LastError, error.Message);
                    set.SetProperty(p => p.LastErrorClass, error.Class.Value);
                    set.SetProperty(p => p.PausedReason, paused);
                },
                ct);
            throw;
        }
    }

    private async Task<ReconcileOutcome> AdoptAsync(ProviderBatch shard, List<string> ids, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.LostBatchFound);
        var doubles = ids[1..];
        if (!await acceptance.RunAsync(shard, ProviderBatchEvent.Adopt, new ProviderReceipt(ids[0]), doubles, ct))
            return ReconcileOutcome.UnderWay;
        foreach (var id in doubles)
            await cancelDouble.RunAsync(shard, id, ct);
        return ReconcileOutcome.Adopted;
    }

    private async Task<ReconcileOutcome> ReleaseAsync(ProviderBatch shard, ProviderBatchEvent cause, CancellationToken ct)
    {
        var batch = await flow.BatchOfAsync(shard, ct);
        if (batch.CancelRequestedAt is not null)
            return await CancelAsync(shard, doubt: null, ct);
        var released = await flow.Shards.TryMoveAsync(
            shard,
            cause,
            set =>
            {
                set.SetProperty(p => p.NextSubmitAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.UnconfirmedAt, (DateTimeOffset?)null);
                ShardStore.ReleaseLease(set);
            },
            ct);
        if (released && cause == ProviderBatchEvent.ProveAbsent)
            flow.Probe.Reached(FlowPoint.ProvenAbsent);
        return released ? ReconcileOutcome.Released : ReconcileOutcome.UnderWay;
    }

    private async Task<ReconcileOutcome> CancelAsync(ProviderBatch shard, string? doubt, CancellationToken ct)
    {
        await abandon.RunAsync(shard, ct);
        var now = flow.Now;
        var message = doubt ?? "Cancelled before it was sent.";
        var canceled = await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.Cancel,
            set =>
            {
                set.SetProperty(p => p.EndedAt, now);
                set.SetProperty(p => p.ResultsFetchedAt, now);
                set.SetProperty(p => p.FailureReason, doubt);
                ShardStore.ReleaseLease(set);
            },
            ct,
            db => db.SettleShardAsync(shard.Id, EntryStatus.Pending, EntryStatus.Canceled, FailureCodes.Canceled, message, ct));
        if (canceled)
            await advance.RunAsync(shard.BatchId, ct);
        return ReconcileOutcome.Released;
    }

    private async Task<ReconcileOutcome> LeaveToOperatorAsync(ProviderBatch shard, CancellationToken ct)
    {
        const string Reason = "The provider cannot tell yet whether it holds this batch. It is asked again at every sweep; if that does not settle it, "
            + "check its console, then retry or cancel the batch.";
        const string Doubt = "Cancelled while the provider cannot tell whether it holds this batch; check its console.";
        if ((await flow.BatchOfAsync(shard, ct)).CancelRequestedAt is not null)
            return await CancelAsync(shard, Doubt, ct);
        if (shard.LastError != Reason)
        {
            await flow.Shards.TryUpdateAsync(
                shard,
                set =>
                {
                    set.SetProperty(p => p.LastError, Reason);
                    set.SetProperty(p => p.LastErrorClass, ProviderErrorClass.OutcomeUnknown.Value);
                },
                ct);
            flow.Errors.Report(new OffpeakException(OffpeakErrorCode.Provider, Reason), Component, shard.BatchId);
        }

        return ReconcileOutcome.NeedsOperator;
    }
}
