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
    private const string CannotTell = "The provider cannot tell yet whether it holds this shard. It is asked again at every sweep; if that does not settle it, "
        + "check its console, then resolve the shard, or retry or cancel the batch.";

    private const string CanceledInDoubt = "Cancelled while the provider cannot tell whether it holds this shard; check its console.";

    /// <param name="component">Who settles it, for reports.</param>
    /// <param name="shard">The shard as it was read.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>How it ended, and what is to be done next.</returns>
    public async Task<(ReconcileOutcome Outcome, IReadOnlyList<WorkItem> Next)> RunAsync(string component, ShardRow shard, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep("reconcile_shard", shard.BatchId, shard.Id);
        if (shard.Status is not (ShardStatus.Submitting or ShardStatus.Unconfirmed) || await flow.Leases.TryTakeAsync(shard, ct) is not (var held, var lease))
            return (ReconcileOutcome.UnderWay, []);

        flow.Probe.Reached(FlowPoint.LeaseTakenOver);
        try
        {
            (ReconcileOutcome, IReadOnlyList<WorkItem>) result = (ReconcileOutcome.UnderWay, []);
            await lease.TryRunAsync(async token => result = await SettleAsync(component, held, token), stopsOnCancel: false, ct);
            return result;
        }
        finally
        {
            await lease.ReleaseShardAsync();
        }
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> SettleAsync(string component, ShardRow shard, CancellationToken ct)
    {
        if (shard is { Status: ShardStatus.Submitting, CreateBegunAt: null })
            return await ReleaseAsync(component, shard, ShardEvent.ReleaseSubmit, ct);

        if (shard.Status == ShardStatus.Submitting)
        {
            var lost = SubmitShard.LoseReply(shard, "The process that was submitting it ended before the provider's reply was recorded.");
            shard = await flow.MustAsync(shard, lost with { Lease = null }, ct);
            flow.Probe.Reached(FlowPoint.ReplyLost);
        }

        return await LookUpAsync(component, shard, ct);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> LookUpAsync(string component, ShardRow shard, CancellationToken ct)
    {
        var asked = await flow.NowAsync(ct);
        if (flow.Providers.Find(shard.Provider) is not { } provider)
            return await CannotAskAsync(component, shard, FlowContext.Unregistered(shard), ct);

        FindResult found;
        try
        {
            found = await provider.FindAsync(FlowContext.Search(shard), ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            return await CannotAskAsync(component, shard, error, ct);
        }

        var candidates = found.ProviderBatchIds.Except([.. shard.RejectedIds, .. shard.Doubles], StringComparer.Ordinal).ToList();
        if (found.Outcome == FindOutcome.Found && candidates.Count > 0)
            return await AdoptAsync(component, shard, candidates, ct);

        if (flow.HasOtherKey(shard))
            return await LeaveToOperatorAsync(component, shard, Trouble.OtherKey, ct);

        return found.Outcome switch
        {
            FindOutcome.Resumable => await ReleaseAsync(component, shard, ShardEvent.ProveAbsent, ct),
            FindOutcome.Unknown => await LeaveToOperatorAsync(component, shard, new Trouble(ProviderErrorClass.OutcomeUnknown, CannotTell), ct),
            _ when asked - shard.UnconfirmedAt >= flow.Options.ReconcileVisibilityWindow => await ReleaseAsync(component, shard, ShardEvent.ProveAbsent, ct),
            _ => (ReconcileOutcome.StillLooking, []),
        };
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> AdoptAsync(string component, ShardRow shard, List<string> ids, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.LostBatchFound);
        var others = ids[1..];
        if (!await acceptance.RunAsync(component, shard, ShardEvent.Adopt, new ProviderReceipt(ids[0]), others, isSeen: true, ct))
            return (ReconcileOutcome.UnderWay, []);

        foreach (var id in others)
            await doubles.StopAsync(component, shard, id, ct);

        return (ReconcileOutcome.Adopted, []);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> ReleaseAsync(string component, ShardRow shard, ShardEvent cause, CancellationToken ct)
    {
        if ((await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(component, shard, doubt: null, ct);

        var released = await flow.TryAsync(
            shard,
            new ShardChange
            {
                Status = BatchTransitions.Target(shard.Status, cause),
                NextSubmitAt = When.Never,
                UnconfirmedAt = When.Never,
                // A half-made batch that is gone on with still is at the provider.
                CreateBegunAt = shard.Journal.IsEmpty ? When.Never : default(Set<When>),
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

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> CancelAsync(string component, ShardRow shard, string? doubt, CancellationToken ct)
    {
        await cleanUp.AbandonAsync(component, shard, ct);
        var next = await closeUnsent.RunAsync(
            component, shard, ShardEvent.Cancel, EntryStatus.Canceled, FailureCodes.Canceled, doubt ?? "Cancelled before it was sent.", doubt, ct);
        return (ReconcileOutcome.Released, next);
    }

    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> LeaveToOperatorAsync(string component, ShardRow shard, Trouble trouble, CancellationToken ct)
    {
        if ((await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(component, shard, CanceledInDoubt, ct);

        await NoteAsync(component, shard, trouble, new OffpeakException(OffpeakErrorCode.Provider, trouble.Message), ct);
        return (ReconcileOutcome.NeedsOperator, []);
    }

    // A cancel waits for a provider that is away for a moment, but not for a key that may never work again.
    private async Task<(ReconcileOutcome, IReadOnlyList<WorkItem>)> CannotAskAsync(string component, ShardRow shard, Exception error, CancellationToken ct)
    {
        var trouble = Trouble.Of(error, "looking for it");
        if (!trouble.Class.IsPassing && (await flow.GetBatchAsync(shard.BatchId, ct)).CancelRequestedAt is not null)
            return await CancelAsync(component, shard, CanceledInDoubt, ct);

        await NoteAsync(component, shard, trouble, trouble.Class.IsPassing ? null : error, ct);
        return (ReconcileOutcome.StillLooking, []);
    }

    private async Task NoteAsync(string component, ShardRow shard, Trouble trouble, Exception? report, CancellationToken ct)
    {
        if (shard.Trouble == trouble)
            return;

        await flow.TryAsync(shard, new ShardChange { Trouble = trouble, Lease = LeaseChange.Release }, ct);
        if (report is not null)
            flow.Errors.Report(report, component, shard.BatchId);
    }
}
