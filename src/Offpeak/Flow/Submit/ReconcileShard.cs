using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Settles a submit that was interrupted or whose reply was lost: back to pending if the create certainly never happened, adopted if the
/// provider has it, otherwise left visible. Absence is proven only with the key that made the call.
/// </summary>
internal sealed class ReconcileShard(
    FlowContext flow, RecordAcceptance acceptance, Doubles doubles, CloseUnsent closeUnsent, CleanUpShard cleanUp)
{
    public const string Component = "reconcile_submissions";

    private const string CannotTell = "The provider cannot tell yet whether it holds this shard. It is asked again at every sweep; if that does not settle it, "
        + "check its console, then resolve the shard, or retry or cancel the batch.";

    private const string CanceledInDoubt = "Cancelled while the provider cannot tell whether it holds this shard; check its console.";

    /// <returns>How it ended, and what is to be done next.</returns>
    public async Task<(ReconcileOutcome Outcome, IReadOnlyList<WorkItem> Next)> RunAsync(ShardRow shard, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        if (shard.Status is not (ShardStatus.Submitting or ShardStatus.Unconfirmed) || await flow.Leases.TryTakeAsync(shard, ct) is not (var held, var lease))
            return (ReconcileOutcome.UnderWay, []);

        flow.Probe.Reached(FlowPoint.LeaseTakenOver);
        try
        {
            (ReconcileOutcome, IReadOnlyList<WorkItem>) result = (ReconcileOutcome.UnderWay, []);
            await lease.RunAsync(async token => result = await SettleAsync(held, token), ct);
            return result;
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
            return (ReconcileOutcome.UnderWay, []);
        }
        finally
        {
            await ReleaseLeaseAsync(shard.Id, lease);
        }
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> SettleAsync(ShardRow shard, CancellationToken ct)
    {
        if (shard is { Status: ShardStatus.Submitting, CreateBegunAt: null })
            return await ReleaseAsync(shard, ShardEvent.ReleaseSubmit, ct);

        if (shard.Status == ShardStatus.Submitting)
        {
            var lost = Unsettled.Lost(shard, "The process that was submitting it ended before the provider's reply was recorded.");
            shard = await flow.MustAsync(shard, lost with { Lease = null }, ct);
            flow.Probe.Reached(FlowPoint.ReplyLost);
        }

        return await LookUpAsync(shard, ct);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> LookUpAsync(ShardRow shard, CancellationToken ct)
    {
        var asked = await flow.NowAsync(ct);
        if (flow.Providers.Find(shard.Provider) is not { } provider)
            return await CannotAskAsync(shard, new ProviderException(ProviderErrorClass.Unregistered, $"No provider '{shard.Provider}' is registered in the process that looked last."), ct);

        FindResult found;
        try
        {
            found = await provider.FindAsync(flow.Search(shard), ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            return await CannotAskAsync(shard, error, ct);
        }

        var candidates = found.ProviderBatchIds.Except([.. shard.RejectedIds, .. shard.Doubles], StringComparer.Ordinal).ToList();
        if (found.Outcome == FindOutcome.Found && candidates.Count > 0)
            return await AdoptAsync(shard, candidates, ct);

        if (FlowContext.HasOtherKey(shard, provider))
            return await LeaveToOperatorAsync(shard, new Trouble(ProviderErrorClass.OtherKey, Doubles.OtherKey, IsPaused: true), ct);

        return found.Outcome switch
        {
            FindOutcome.Resumable => await ReleaseAsync(shard, ShardEvent.ProveAbsent, ct),
            FindOutcome.Unknown => await LeaveToOperatorAsync(shard, new Trouble(ProviderErrorClass.OutcomeUnknown, CannotTell), ct),
            _ when asked - shard.UnconfirmedAt >= flow.Options.ReconcileVisibilityWindow => await ReleaseAsync(shard, ShardEvent.ProveAbsent, ct),
            _ => (ReconcileOutcome.StillLooking, []),
        };
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> AdoptAsync(ShardRow shard, List<string> ids, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.LostBatchFound);
        var others = ids[1..];
        if (!await acceptance.RunAsync(Component, shard, ShardEvent.Adopt, new ProviderReceipt(ids[0]), others, ct))
            return (ReconcileOutcome.UnderWay, []);

        foreach (var id in others)
            await doubles.StopAsync(Component, shard, id, ct);

        return (ReconcileOutcome.Adopted, []);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> ReleaseAsync(ShardRow shard, ShardEvent cause, CancellationToken ct)
    {
        if ((await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(shard, doubt: null, ct);

        var released = await flow.TryAsync(
            shard,
            new ShardChange
            {
                Status = BatchTransitions.Target(shard.Status, cause),
                NextSubmitAt = When.Never,
                UnconfirmedAt = When.Never,
                // A half-made batch that is gone on with still is at the provider.
                CreateBegunAt = shard.Journal.Values.Count == 0 ? When.Never : default(Set<When>),
                Trouble = (Trouble?)null,
                Lease = LeaseChange.Release,
            },
            ct);
        if (released is null)
            return (ReconcileOutcome.UnderWay, []);

        if (cause == ShardEvent.ProveAbsent)
            flow.Probe.Reached(FlowPoint.ProvenAbsent);

        return (ReconcileOutcome.Released, [new WorkItem(WorkKind.Submit, shard.Id)]);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> CancelAsync(ShardRow shard, string? doubt, CancellationToken ct)
    {
        await cleanUp.AbandonAsync(Component, shard, ct);
        var next = await closeUnsent.RunAsync(
            Component, shard, ShardEvent.Cancel, EntryStatus.Canceled, FailureCodes.Canceled, doubt ?? "Cancelled before it was sent.", doubt, ct);
        return (ReconcileOutcome.Released, next);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> LeaveToOperatorAsync(ShardRow shard, Trouble trouble, CancellationToken ct)
    {
        if ((await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(shard, CanceledInDoubt, ct);

        await NoteAsync(shard, trouble, new OffpeakException(OffpeakErrorCode.Provider, trouble.Message), ct);
        return (ReconcileOutcome.NeedsOperator, []);
    }

    // A cancel waits for a provider that is away for a moment, but not for a key that may never work again.
    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> CannotAskAsync(ShardRow shard, Exception error, CancellationToken ct)
    {
        var trouble = Unsettled.TroubleOf(error, "looking for it");
        if (!trouble.Class.IsPassing && (await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(shard, CanceledInDoubt, ct);

        await NoteAsync(shard, trouble, trouble.Class.IsPassing ? null : error, ct);
        return (ReconcileOutcome.StillLooking, []);
    }

    private async Task NoteAsync(ShardRow shard, Trouble trouble, Exception? report, CancellationToken ct)
    {
        if (shard.Trouble == trouble)
            return;

        await flow.TryAsync(shard, new ShardChange { Trouble = trouble, Lease = LeaseChange.Release }, ct);
        if (report is not null)
            flow.Errors.Report(report, Component, shard.BatchId);
    }

    private async Task ReleaseLeaseAsync(long shardId, Lease lease)
    {
        if (await flow.Store.FindShardAsync(shardId, CancellationToken.None) is { } row && row.LeaseOwner == lease.Token)
            await flow.Store.TryChangeShardAsync(row, new ShardChange { Lease = LeaseChange.Release, HeldBy = lease.Token }, null, CancellationToken.None);
    }
}
