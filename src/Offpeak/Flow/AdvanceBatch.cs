using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Once every provider batch of a round has been read: plans the next round, or finishes the batch and dispatches its handler. Idempotent;
/// of two workers that arrive together one makes the move.
/// </summary>
internal sealed class AdvanceBatch(
    FlowContext flow, EntrySettlement settlement, ContinueEntries continueEntries, SwitchToFallback fallback, ShardPlanner planner,
    DispatchHandler dispatch, SubmitSignal submitSignal)
{
    public const string Component = "advance_batch";

    public async Task RunAsync(long batchId, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, batchId);
        var batch = await flow.Batches.GetAsync(batchId, ct);
        if (batch.Status == BatchStatus.Running)
            await AdvanceAsync(batch, ct);
        else if (batch.Status.IsTerminal())
            await dispatch.RunAsync(batchId, ct);
    }

    private async Task AdvanceAsync(Batch batch, CancellationToken ct)
    {
        var shards = await flow.Shards.ListAsync(batch.Id, ct);
        var totals = await flow.Entries.TotalAsync(batch.Id, ct);
        await flow.Batches.RollUpAsync(batch, totals, ct);
        if (shards.Any(shard => shard.Round == batch.Round && shard.ResultsFetchedAt is null))
            return;
        if (totals.Counts.Pending > 0 && await settlement.StopRoundsAsync(batch, totals, ct))
            totals = await flow.Entries.TotalAsync(batch.Id, ct);
        if (totals.Counts.Pending > 0)
            await GoOnAsync(batch, shards, ct);
        else if (await TryFinishAsync(batch, shards, totals, ct))
            await dispatch.RunAsync(batch.Id, ct);
    }

    private async Task GoOnAsync(Batch batch, List<ProviderBatch> shards, CancellationToken ct)
    {
        var continued = await continueEntries.RunAsync(batch, ct);
        if (continued == ContinueOutcome.UnderWay)
            return;
        // Every entry may have turned out to be at its end.
        if (continued == ContinueOutcome.Continued && (await flow.Entries.CountAsync(batch.Id, ct)).Pending == 0)
        {
            await AdvanceAsync(batch, ct);
            return;
        }

        if (continued == ContinueOutcome.Nothing && RoundPolicy.IsFallbackDue(batch, shards, flow.Now) && !await fallback.TryRunAsync(batch, ct))
            return;
        await StartRoundAsync(batch, continued == ContinueOutcome.Continued, ct);
    }

    private async Task StartRoundAsync(Batch batch, bool continued, CancellationToken ct)
    {
        var round = batch.Round + 1;
        var limits = flow.Providers.Get(RoundPolicy.ProviderOf(batch)).Capabilities;
        if (!await planner.PlanAsync(batch, round, limits, () => flow.Probe.Reached(FlowPoint.ShardPlanned), ct))
            return;
        // A round in which conversations go on is not one of those that failures may use up.
        var rounds = batch.MaxRounds + (continued ? 1 : 0);
        if (!await flow.Batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.Round, round);
                set.SetProperty(b => b.MaxRounds, rounds);
            },
            ct))
        {
            return;
        }

        flow.Probe.Reached(FlowPoint.RoundPlanned);
        submitSignal.Set();
    }

    private async Task<bool> TryFinishAsync(Batch batch, List<ProviderBatch> shards, EntryTotals totals, CancellationToken ct)
    {
        var refused = shards.TrueForAll(shard => shard.Status == ProviderBatchStatus.Failed);
        var outcome = RoundPolicy.Outcome(batch, totals.Counts, refused);
        // What stopped it early is said on the row already.
        var reason = batch.FailureReason
            ?? (outcome == BatchEvent.Complete ? null : shards.Select(shard => shard.FailureReason).FirstOrDefault(text => text is not null));
        var now = flow.Now;
        var finished = await flow.Batches.TryMoveAsync(
            batch,
            outcome,
            set =>
            {
                totals.Apply(set);
                set.SetProperty(b => b.FinishedAt, now);
                set.SetProperty(b => b.FailureReason, reason);
                // Not the round: a batch that was asked again may finish a second time without a new one.
                set.SetProperty(b => b.DispatchId, $"{batch.Id}-{batch.Version}");
                set.SetProperty(b => b.NextDispatchAt, batch.Handler is null ? null : now);
            },
            ct);
        if (finished)
            flow.Probe.Reached(FlowPoint.BatchFinished);
        return finished;
    }
}
