using Offpeak.Batches;
using Offpeak.Flow.Submit;
using Offpeak.Handlers;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Takes one batch to its end in the foreground, at the pace of the poll schedule instead of the sweeps' intervals: submits, reconciles,
/// polls, and goes on to further rounds. Other workers may be at the same batch; leases and generations keep them apart.
/// </summary>
internal sealed class DriveBatch(FlowContext flow, WorkSteps steps, SubmitShard submit, ReconcileShard reconcile, HandlerRegistry handlers)
{
    private const int SubmitsBeforeGivingIn = 3;

    private static readonly TimeSpan BetweenConnects = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(5);

    private readonly Dictionary<long, Pace> paces = [];

    /// <summary>Runs until the batch is terminal and its handler, if any, is done or parked.</summary>
    /// <exception cref="OffpeakException">
    /// It cannot go on without a person: the key is refused, the provider was never reached, or its handler is not known here. Nothing is lost; it
    /// may be driven again.
    /// </exception>
    public Task<BatchRow> RunAsync(long batchId, CancellationToken ct) =>
        RunAsync(batchId, (batch, _) => batch.Status.IsTerminal() && batch.NextDispatchAt is null, ct);

    /// <summary>Runs until the provider has accepted every shard of the current round, or the batch is terminal.</summary>
    /// <exception cref="OffpeakException">As above.</exception>
    public Task<BatchRow> RunUntilAcceptedAsync(long batchId, CancellationToken ct) => RunAsync(
        batchId,
        (batch, shards) => batch.Status.IsTerminal()
            || shards.All(shard => shard.Round < batch.Round || shard.Status.IsAccepted() || shard.Status.IsTerminal()),
        ct);

    private async Task<BatchRow> RunAsync(long batchId, Func<BatchRow, IReadOnlyList<ShardRow>, bool> isDone, CancellationToken ct)
    {
        while (true)
        {
            var shards = await flow.Store.ListShardsAsync(batchId, ct);
            var batch = await flow.GetBatchAsync(batchId, ct);
            if (isDone(batch, shards))
                return batch;

            var nap = await StepAsync(batch, shards, ct) - await flow.NowAsync(ct);
            if (nap > TimeSpan.Zero)
                await Task.Delay(nap < LongestNap ? nap : LongestNap, flow.Time, ct);
        }
    }

    /// <returns>When there is something to do next.</returns>
    private async Task<DateTimeOffset> StepAsync(BatchRow batch, IReadOnlyList<ShardRow> shards, CancellationToken ct)
    {
        StopIfHopeless(shards);
        var now = await flow.NowAsync(ct);
        var open = shards.Where(shard => shard.Round <= batch.Round && shard.ResultsFetchedAt is null).ToList();
        if (open.Count == 0)
        {
            await steps.RunInlineAsync(new WorkItem(WorkKind.Advance, batch.Id), onlyBatch: true, ct);
            var moved = await flow.GetBatchAsync(batch.Id, ct);
            if (moved.Version != batch.Version)
                return now;

            StopIfStuck(moved, now);
            return now + flow.Options.PollSchedule.Delay(0);
        }

        var due = open.Select(shard => (Shard: shard, Pace: PaceOf(shard, now))).Where(pair => pair.Pace.Due <= now).ToList();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = flow.Options.MaxConcurrency.Submits, CancellationToken = ct };
        await Parallel.ForEachAsync(due, parallel, async (pair, token) =>
        {
            await WorkOnAsync(pair.Shard, token);
            pair.Pace.Step(await flow.Store.FindShardAsync(pair.Shard.Id, token), await flow.NowAsync(token), flow.Options.PollSchedule);
        });
        // What was read to its end, or cut in two, is gone on with at once.
        return open.Min(shard => paces[shard.Id].Due);
    }

    private async Task WorkOnAsync(ShardRow shard, CancellationToken ct)
    {
        if (shard.Status == ShardStatus.Pending)
            await submit.RunAsync(shard.Id, hurries: true, ct);
        else if (shard.Status is ShardStatus.Submitting or ShardStatus.Unconfirmed)
            await reconcile.RunAsync("drive_batch", shard, ct);
        else
            await steps.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), ct);
    }

    private Pace PaceOf(ShardRow shard, DateTimeOffset now)
    {
        if (!paces.TryGetValue(shard.Id, out var pace))
            return paces[shard.Id] = new Pace(shard, now);

        // A wait that this run has caused is kept; one that an earlier run left behind is not.
        return pace.Status == shard.Status
            ? pace
            : paces[shard.Id] = new Pace(shard, shard.Status == ShardStatus.Pending ? shard.NextSubmitAt ?? now : now);
    }

    // What an earlier run met may be mended by now: only what this one has tried itself can be hopeless.
    private void StopIfHopeless(IReadOnlyList<ShardRow> shards)
    {
        if (shards.FirstOrDefault(shard => shard.Trouble is { IsPaused: true } && !shard.Status.IsTerminal() && Tries(shard) > 0) is { } paused)
            throw new OffpeakException(OffpeakErrorCode.Provider, paused.Trouble!.Message);

        if (shards.FirstOrDefault(shard => IsUnreached(shard) && Tries(shard) >= SubmitsBeforeGivingIn) is { } unreached
            && shards.All(shard => shard.AcceptedAt is null))
        {
            throw new OffpeakException(OffpeakErrorCode.Provider, unreached.Trouble!.Message);
        }

        // A provider far away works on while it cannot be reached; one that this process is itself does not.
        if (shards.FirstOrDefault(shard => shard.Trouble?.Class == ProviderErrorClass.Unreachable && Tries(shard) >= SubmitsBeforeGivingIn
            && flow.Providers.Get(shard.Provider).Capabilities.AnswersOneByOne) is { } away)
        {
            throw new OffpeakException(OffpeakErrorCode.Provider, away.Trouble!.Message);
        }
    }

    // Sweeps wait for a provider or a handler that nobody here knows; a person is told.
    private void StopIfStuck(BatchRow batch, DateTimeOffset now)
    {
        if (batch.Status == BatchStatus.Running)
            flow.Providers.Get(RoundPolicy.ProviderOf(batch));
        else if (batch.NextDispatchAt <= now && !(batch.LeaseUntil > now) && !handlers.Contains(batch.Handler!))
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batch.Id} has finished, but there is no handler '{batch.Handler}' in this process.");
    }

    private int Tries(ShardRow shard) => paces.TryGetValue(shard.Id, out var pace) ? pace.Steps : 0;

    private static bool IsUnreached(ShardRow shard) => shard is { Status: ShardStatus.Pending, Trouble.Class: var kind } && kind == ProviderErrorClass.Unreachable;

    /// <summary>When this process looks at a shard next. A new status starts the schedule afresh, with a look at once: a small batch may be done.</summary>
    private sealed class Pace(ShardRow shard, DateTimeOffset due)
    {
        private int polls = shard.PollAttempt;

        public ShardStatus Status { get; } = shard.Status;

        public int Steps { get; private set; }

        public DateTimeOffset Due { get; private set; } = due;

        /// <summary>
        /// After an action of ours the row says when to go on, a wait the provider asked for included. What other processes write into the
        /// row later, at a slower pace, does not hold us up.
        /// </summary>
        public void Step(ShardRow? row, DateTimeOffset now, PollSchedule schedule)
        {
            var next = row?.Status == ShardStatus.Pending ? row.NextSubmitAt : row?.NextPollAt;
            // A poll that went well may want the next one at once.
            var polled = row is { Status: not ShardStatus.Pending, NextPollAt: not null, LeaseOwner: null } && row.PollAttempt > polls;
            Due = row is null or { ResultsFetchedAt: not null } || row.Status != Status ? now
                : (next > now && row.LeaseOwner is null) || polled ? next!.Value
                : now + schedule.Delay(Steps);
            polls = row?.PollAttempt ?? polls;
            // Nothing was sent and a person waits: a name that does not resolve is tried again soon, then said.
            if (row is not null && IsUnreached(row) && Due > now + BetweenConnects)
                Due = now + BetweenConnects;

            Steps++;
        }
    }
}
