using System.Globalization;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow.Submit;
using Offpeak.Policies;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Once every shard of a round has been read: plans the next round, or finishes the batch and has its handler run. Idempotent; of two workers
/// that arrive together one makes the move.
/// </summary>
internal sealed class AdvanceBatch(FlowContext flow, StepEntries steps, ShardPlanner planner)
{
    public const string Component = "advance_batch";

    // Each turn of the loop makes one move; a batch that moves more often than this in one go is being changed by others all the time.
    private const int MostMoves = 20;

    /// <returns>What is to be done next.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(long batchId, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, batchId);
        for (var move = 0; move < MostMoves; move++)
        {
            if (await MoveAsync(batchId, ct) is { } next)
                return next;
        }

        return [];
    }

    /// <returns>What is to be done next; null to look again.</returns>
    private async Task<IReadOnlyList<WorkItem>?> MoveAsync(long batchId, CancellationToken ct)
    {
        // The shards first: if they are all read, then the counts on the batch, read after them, are the last.
        var shards = await flow.Store.ListShardsAsync(batchId, ct);
        if (await flow.Store.FindBatchAsync(batchId, ct) is not { } batch)
            return [];

        if (batch.Step is not null)
        {
            await steps.FinishAsync(batch, ct);
            return null;
        }

        return batch.Status switch
        {
            BatchStatus.Building => await CancelBuildingAsync(batch, ct),
            BatchStatus.Running => await AdvanceAsync(batch, shards, ct),
            _ => batch.NextDispatchAt is null ? [] : [new WorkItem(WorkKind.Dispatch, batchId)],
        };
    }

    private async Task<IReadOnlyList<WorkItem>?> AdvanceAsync(BatchRow batch, IReadOnlyList<ShardRow> shards, CancellationToken ct)
    {
        // A round that began after the shards were read is somebody else's.
        var isStale = shards.All(shard => shard.Round != batch.Round);
        if (isStale || shards.Any(shard => shard.Round <= batch.Round && shard.ResultsFetchedAt is null))
            return [];

        if (batch.EntryCount == batch.TerminalCount)
            return await FinishAsync(batch, shards, ct);

        if (WhyStop(batch, await CanaryProblemAsync(batch, shards, ct)) is { } stop)
            return await BeginAsync(batch, stop, ct);

        if (flow.Providers.Find(RoundPolicy.ProviderOf(batch)) is null)
            return await WaitForProviderAsync(batch, shards, ct);

        if (batch.FailureReason is not null)
            return await TakeBackReasonAsync(batch, ct);

        // A conversation that goes on uses up no round; but the fallback begins it anew, and no tool is called for what is thrown away.
        var now = await flow.NowAsync(ct);
        if (!RoundPolicy.IsFallbackOverdue(batch, shards, now) && await HasTurnsAsync(batch, ct))
            return batch.Canary is null ? [new WorkItem(WorkKind.Tools, batch.Id)] : await PassCanaryAsync(batch, ct);

        return RoundPolicy.IsFallbackDue(batch, shards, now)
            ? await BeginAsync(batch, Fallback(batch), ct)
            : await StartRoundAsync(batch, ct);
    }

    private async Task<IReadOnlyList<WorkItem>?> CancelBuildingAsync(BatchRow batch, CancellationToken ct)
    {
        if (batch.CancelRequestedAt is null)
            return [];

        if (batch.EntryCount > batch.TerminalCount)
            return await BeginAsync(batch, new BatchChange { Step = BatchStep.Cancel, CancelsPendingShards = true }, ct);

        return await EndAsync(batch, End(batch, BatchEvent.Cancel), ct);
    }

    // Why waiting entries get no round, if they get none.
    private static BatchChange? WhyStop(BatchRow batch, string? canaryProblem)
    {
        if (batch.CancelRequestedAt is not null)
            return new BatchChange { Step = BatchStep.Cancel, CancelsPendingShards = true };

        if (batch.Cost >= batch.MaxCost)
            return Stop(FailureCodes.Budget, $"Not asked again: the budget of {batch.MaxCost:0.######} USD is used up.");

        return canaryProblem is null ? null : Stop(FailureCodes.Canary, canaryProblem);
    }

    private static BatchChange Stop(string code, string reason) =>
        new() { Step = BatchStep.Stop, FailureCode = code, FailureReason = reason, CancelsPendingShards = true };

    // Another process may know the provider, or this one after its next start. It is said once, and nobody waits for ever.
    private async Task<IReadOnlyList<WorkItem>?> WaitForProviderAsync(BatchRow batch, IReadOnlyList<ShardRow> shards, CancellationToken ct)
    {
        var now = await flow.NowAsync(ct);
        if (RoundPolicy.IsFallbackDue(batch, shards, now))
            return await BeginAsync(batch, Fallback(batch), ct);

        var name = RoundPolicy.ProviderOf(batch);
        var reason = $"What is left of it waits for the provider '{name}', which is not registered.";
        // Whoever holds the lease knows the provider: it is answering calls of tools.
        var free = flow.Leases.TakeAway(batch.LeaseOwner);
        if (batch.FailureReason != reason)
        {
            if (await flow.TryAsync(batch, new BatchChange { FailureReason = reason, Lease = free }, ct) is not null)
                flow.Errors.Report(new OffpeakException(OffpeakErrorCode.UnknownProvider, reason), Component, batch.Id);

            return [];
        }

        var since = shards.Select(shard => shard.ResultsFetchedAt).Append(batch.FallbackSince).Append(batch.ReopenedAt).Max();
        if (now - since < flow.Options.MaxWait)
            return [];

        var gone = $"Given up: the provider '{name}' was not registered {flow.Options.MaxWait.TotalHours:0.#} hours after it was last heard of.";
        var end = RoundPolicy.HasFallback(batch) ? Fallback(batch) : Stop(FailureCodes.GivenUp, gone);
        return await BeginAsync(batch, end with { Lease = free }, ct);
    }

    // The provider is back, and what has not stopped the batch must not be said at its end.
    private async Task<IReadOnlyList<WorkItem>?> TakeBackReasonAsync(BatchRow batch, CancellationToken ct)
    {
        await flow.TryAsync(batch, new BatchChange { FailureReason = (string?)null }, ct);
        return null;
    }

    // What is planned for later rounds, and not begun, is in the words of the first provider: it is taken back.
    private static BatchChange Fallback(BatchRow batch) => new()
    {
        FallbackSince = When.Now,
        FailureReason = (string?)null,
        // It has been judged, by answers that may be among those that are taken back.
        Canary = (int?)null,
        MaxRounds = RoundPolicy.MoreRounds(batch.Round, batch.RoundsGiven),
        Step = BatchStep.Fallback,
        CancelsPendingShards = true,
    };

    private async Task<IReadOnlyList<WorkItem>?> BeginAsync(BatchRow batch, BatchChange step, CancellationToken ct)
    {
        if (await flow.TryAsync(batch, step, ct) is not null)
            flow.Probe.Reached(FlowPoint.StepBegun);

        return null;
    }

    // Of the canary, those count that were to be sent, also if the provider refused them as a whole. An answer that calls tools or pauses is as
    // good as any; one that breaks its schema, was cut off, blocked or refused, or is empty is what a canary is there to find.
    private async Task<string?> CanaryProblemAsync(BatchRow batch, IReadOnlyList<ShardRow> shards, CancellationToken ct)
    {
        if (batch.Canary is null || batch.Round != 1)
            return null;

        var canary = shards.Where(shard => shard.Round == 1).ToList();
        // What there was no room for has not failed.
        var sent = canary.Any(shard => RoundPolicy.IsUnsent(batch, shard)) ? Math.Max(1, batch.TerminalCount) : canary.Sum(shard => shard.EntryCount);
        var answered = batch.SucceededCount + await flow.Store.CountTurnsAsync(batch.Id, EntryContinuation.ToolCalls, ct)
            + await flow.Store.CountTurnsAsync(batch.Id, EntryContinuation.Paused, ct);
        // What had no time to answer might have succeeded.
        var failed = canary.Any(RoundPolicy.HadNoTime) ? batch.TerminalCount - batch.SucceededCount : sent - answered;
        var share = flow.Options.CanaryShare;
        return sent - failed >= sent * share
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Stopped after the canary: {answered:N0} of the first {sent:N0} entries succeeded, {share:P0} were asked for.");
    }

    // It has been judged. Once their next turns are written, answers that go on could not be told from entries that were never answered.
    private async Task<IReadOnlyList<WorkItem>?> PassCanaryAsync(BatchRow batch, CancellationToken ct)
    {
        await flow.TryAsync(batch, new BatchChange { Canary = (int?)null }, ct);
        return null;
    }

    // Also where neither turns nor schemas were thought of: an empty answer is asked again, and a model pauses when it likes.
    private async Task<bool> HasTurnsAsync(BatchRow batch, CancellationToken ct) =>
        await flow.Store.CountTurnsAsync(batch.Id, only: null, ct) > 0;

    private async Task<IReadOnlyList<WorkItem>?> StartRoundAsync(BatchRow batch, CancellationToken ct)
    {
        var round = batch.Round + 1;
        if (await planner.PlanAsync(batch, round, most: null, ct) is not { } planned)
            return null;

        var shards = await flow.Store.ListShardsAsync(batch.Id, ct);
        IReadOnlyList<WorkItem> next = [.. shards.Where(shard => shard.Round == round).Select(shard => new WorkItem(WorkKind.Submit, shard.Id))];
        // A round without a shard is never opened: somebody else has taken what was waiting.
        if (next.Count == 0)
            return [];

        if (await flow.TryAsync(planned, new BatchChange { Round = round }, ct) is null)
            return null;

        flow.Probe.Reached(FlowPoint.RoundPlanned);
        return next;
    }

    private async Task<IReadOnlyList<WorkItem>?> FinishAsync(BatchRow batch, IReadOnlyList<ShardRow> shards, CancellationToken ct)
    {
        var outcome = RoundPolicy.Outcome(batch, RoundPolicy.IsRefused(shards));
        // What stopped it early is said on the row already.
        var reason = batch.FailureReason ?? (outcome == BatchEvent.Complete ? null : FailureOf(shards));
        return await EndAsync(batch, End(batch, outcome) with { FailureReason = reason }, ct);
    }

    private static BatchChange End(BatchRow batch, BatchEvent outcome) => new()
    {
        Status = BatchTransitions.Target(batch.Status, outcome),
        FinishedAt = When.Now,
        // Not the round: a batch that was asked again may finish a second time without a new one.
        DispatchId = string.Create(CultureInfo.InvariantCulture, $"{batch.Id}-{batch.Version}"),
        NextDispatchAt = batch.Handler is null ? When.Never : When.Now,
    };

    private async Task<IReadOnlyList<WorkItem>?> EndAsync(BatchRow batch, BatchChange end, CancellationToken ct)
    {
        if (await flow.TryAsync(batch, end, ct) is not { } ended)
            return null;

        flow.Probe.Reached(FlowPoint.BatchFinished);
        return ended.Handler is null ? [] : [new WorkItem(WorkKind.Dispatch, batch.Id)];
    }

    private static string? FailureOf(IReadOnlyList<ShardRow> shards) =>
        shards.Where(shard => shard.FailureCode is not (FailureCodes.Split or FailureCodes.NoRoom)).Select(shard => shard.FailureReason).FirstOrDefault(reason => reason is not null);
}
