using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow.Submit;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Gives up a shard that is older than its provider allows, but not before a last look: status, a best-effort cancel, and whatever results
/// there are. A provider that cannot be asked or read just then is asked again at the next sweeps, up to twice that age: an outage on the last
/// day must not cost answers that are paid for. After that it is closed, whatever happens.
/// </summary>
internal sealed class GiveUpShard(
    FlowContext flow, RecordSnapshot record, IngestResults ingest, ReschedulePoll reschedule, ReconcileShard reconcile, CloseUnsent closeUnsent)
{
    public const string Component = "expire_stuck_batches";

    // With the key that made a shard gone, its provider may still hold the answers: for as long as providers keep them.
    private static readonly TimeSpan OtherKeyAge = TimeSpan.FromDays(30);

    /// <returns>Whether it was given up, and what is to be done next.</returns>
    public async Task<(bool Acted, IReadOnlyList<WorkItem> Next)> RunAsync(ShardRow shard, TimeSpan maxAge, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        return shard.ProviderBatchId is null ? await GiveUpUnsentAsync(shard, maxAge, ct) : await GiveUpAcceptedAsync(shard, maxAge, ct);
    }

    // What may have been created is looked for a last time.
    private async Task<(bool, IReadOnlyList<WorkItem>)> GiveUpUnsentAsync(ShardRow shard, TimeSpan maxAge, CancellationToken ct)
    {
        if (shard.Status is ShardStatus.Submitting or ShardStatus.Unconfirmed)
        {
            var (outcome, next) = await reconcile.RunAsync(Component, shard, ct);
            if (outcome is ReconcileOutcome.Adopted or ReconcileOutcome.Released or ReconcileOutcome.UnderWay
                || await flow.Store.FindShardAsync(shard.Id, ct) is not { Status: ShardStatus.Unconfirmed } looked)
                return (false, next);

            if (flow.HasOtherKey(looked) && await AgeAsync(looked.PlannedAt, ct) < OtherKeyAge)
                return (false, []);

            shard = looked;
        }

        var reason = $"Given up: no provider had accepted it {maxAge.TotalHours:0.#} hours after it was planned.{(shard.Trouble is { } trouble ? $" {trouble.Message}" : "")}";
        var doubt = shard.Status == ShardStatus.Unconfirmed ? "Given up while it cannot be told whether the provider holds this shard; check its console." : null;
        var to = RoundPolicy.WhenUnsent(await flow.GetBatchAsync(shard.BatchId, ct), EntryStatus.Expired);
        var closed = await closeUnsent.RunAsync(Component, shard, ShardEvent.GiveUp, to, FailureCodes.GivenUp, reason, doubt, ct);
        flow.Probe.Reached(FlowPoint.GaveUp);
        return (closed.Count > 0, closed);
    }

    private async Task<(bool, IReadOnlyList<WorkItem>)> GiveUpAcceptedAsync(ShardRow shard, TimeSpan maxAge, CancellationToken ct)
    {
        if (await flow.Leases.TryTakeAsync(shard, ct) is not (var held, var lease))
            return (false, []);

        return await reschedule.WhileHeldAsync(Component, shard.Id, lease, token => LookAndCloseAsync(held, maxAge, lease, token), ct)
            ? (true, [new WorkItem(WorkKind.Advance, shard.BatchId)])
            : (false, []);
    }

    private async Task LookAndCloseAsync(ShardRow shard, TimeSpan maxAge, Lease lease, CancellationToken ct)
    {
        if (!shard.Status.IsTerminal())
            shard = await LookAndEndAsync(shard, maxAge, lease, ct);

        try
        {
            await ingest.RunAsync(Component, shard, lease, ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            if (await MayWaitAsync(shard, maxAge, error, ct))
                throw;

            flow.Errors.Report(error, Component, shard.BatchId);
            var why = error is OffpeakException ? error.Message : $"{error.GetType().Name}.";
            await ingest.CloseUnreadAsync(Component, shard, lease, $"Given up: the results could not be read. {why}", ct);
        }
    }

    private async Task<ShardRow> LookAndEndAsync(ShardRow shard, TimeSpan maxAge, Lease lease, CancellationToken ct)
    {
        var seen = await LookAsync(shard, maxAge, ct);
        if (seen?.State == ProviderBatchState.Running)
        {
            await CancelAsync(shard, ct);
            seen = await LookAsync(shard, maxAge, ct);
        }

        // Whatever the provider says last is believed, but it is not waited for any longer.
        if (seen is null or { State: ProviderBatchState.Running } || seen.Failure?.Class == ProviderErrorClass.Capacity)
            return await EndAsync(shard, seen, maxAge, ct);

        var batch = await flow.GetBatchAsync(shard.BatchId, ct);
        return await record.RunAsync(Component, batch, shard, seen with { ResultsReady = true }, lease, ct);
    }

    private async Task<ProviderSnapshot?> LookAsync(ShardRow shard, TimeSpan maxAge, CancellationToken ct)
    {
        try
        {
            return await flow.Providers.Get(shard.Provider).GetStatusAsync(flow.Ref(shard), ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            if (await MayWaitAsync(shard, maxAge, error, ct))
                throw;

            flow.Errors.Report(error, Component, shard.BatchId);
            return null;
        }
    }

    // A provider's clear refusal to know or show it is an answer; words that nobody understands are none. Everything else gets the maximum age once more.
    private async Task<bool> MayWaitAsync(ShardRow shard, TimeSpan maxAge, Exception error, CancellationToken ct)
    {
        var age = await AgeAsync(shard.AcceptedAt, ct);
        var isAnswer = error is ProviderException { Class: var kind } && !kind.IsPassing && kind != ProviderErrorClass.Unauthorized
            && kind != ProviderErrorClass.Unexpected;
        return flow.HasOtherKey(shard) ? age < OtherKeyAge : !isAnswer && age < 2 * maxAge;
    }

    private async Task<TimeSpan> AgeAsync(DateTimeOffset? since, CancellationToken ct) => await flow.NowAsync(ct) - (since ?? DateTimeOffset.MinValue);

    private async Task CancelAsync(ShardRow shard, CancellationToken ct)
    {
        try
        {
            await flow.Providers.Get(shard.Provider).CancelAsync(flow.Ref(shard), ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            flow.Errors.Report(error, Component, shard.BatchId);
        }
    }

    private async Task<ShardRow> EndAsync(ShardRow shard, ProviderSnapshot? seen, TimeSpan maxAge, CancellationToken ct)
    {
        var said = seen is null ? new ShardChange() : reschedule.Describe(shard, seen);
        var ended = await flow.MustAsync(
            shard,
            said with
            {
                Status = BatchTransitions.Target(shard.Status, ShardEvent.GiveUp),
                EndedAt = When.Now,
                NextPollAt = When.Now,
                FailureCode = FailureCodes.GivenUp,
                FailureReason = $"Given up: the provider had not finished {maxAge.TotalHours:0.#} hours after it was accepted.",
            },
            ct);
        flow.Probe.Reached(FlowPoint.GaveUp);
        return ended;
    }
}
