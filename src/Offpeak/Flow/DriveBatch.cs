using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Queues;

namespace Offpeak.Flow;

/// <summary>
/// Takes one batch to its end in the foreground, at the pace of the poll schedule instead of the sweeps' intervals: submits, reconciles,
/// polls, and goes on to further rounds. Other workers may be at the same batch; leases and generations keep them apart.
/// </summary>
internal sealed class DriveBatch(
    FlowContext flow, SubmitProviderBatch submit, ReconcileSubmission reconcile, PollProviderBatch poll, AdvanceBatch advance)
{
    private const int SubmitsBeforeGivingIn = 3;

    private static readonly TimeSpan BetweenConnects = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(5);

    private readonly Dictionary<long, Pace> paces = [];

    /// <summary>Runs until the batch is terminal and its handler, if any, is done or parked.</summary>
    /// <exception cref="OffpeakException">
    /// It cannot go on without a person: the key is refused, or the provider was never reached. Nothing is lost; it may be driven again.
    /// </exception>
    public Task<Batch> RunAsync(long batchId, CancellationToken ct) =>
        RunAsync(batchId, batch => Task.FromResult(batch.Status.IsTerminal() && batch.NextDispatchAt is null), ct);

    /// <summary>Runs until the provider has accepted every provider batch of the current round, or the batch is terminal.</summary>
    /// <exception cref="OffpeakException">As above.</exception>
    public Task<Batch> RunUntilAcceptedAsync(long batchId, CancellationToken ct) =>
        RunAsync(
            batchId,
            async batch => batch.Status.IsTerminal()
                || (await flow.Shards.ListAsync(batchId, ct)).TrueForAll(shard => shard.Round < batch.Round || shard.Status >= ProviderBatchStatus.Submitted),
            ct);

    private async Task<Batch> RunAsync(long batchId, Func<Batch, Task<bool>> isDone, CancellationToken ct)
    {
        while (true)
        {
            var batch = await flow.Batches.GetAsync(batchId, ct);
            if (await isDone(batch))
                return batch;
            var due = await StepAsync(batch, ct);
            var nap = due - flow.Now;
            if (nap > TimeSpan.Zero)
                await Task.Delay(nap < LongestNap ? nap : LongestNap, flow.Time, ct);
        }
    }

    /// <returns>When there is something to do next.</returns>
    private async Task<DateTimeOffset> StepAsync(Batch batch, CancellationToken ct)
    {
        var shards = await flow.Shards.ListAsync(batch.Id, ct);
        StopIfHopeless(shards);
        var open = shards.FindAll(shard => shard.Round == batch.Round && shard.ResultsFetchedAt is null);
        if (open.Count == 0)
        {
            await advance.RunAsync(batch.Id, ct);
            return flow.Now + flow.Options.PollSchedule.Delay(0);
        }

        var next = DateTimeOffset.MaxValue;
        foreach (var shard in open)
        {
            var pace = PaceOf(shard);
            if (pace.Due <= flow.Now)
            {
                await WorkOnAsync(shard, ct);
                pace.Step(await flow.Shards.FindAsync(shard.Id, ct), flow.Now, flow.Options.PollSchedule);
            }

            next = pace.Due < next ? pace.Due : next;
        }

        return next;
    }

    private async Task WorkOnAsync(ProviderBatch shard, CancellationToken ct)
    {
        if (shard.Status == ProviderBatchStatus.Pending)
            await submit.RunAsync(shard.Id, ct);
        else if (shard.Status is ProviderBatchStatus.Submitting or ProviderBatchStatus.Unconfirmed)
            await ReconcileAsync(shard, ct);
        else
            await poll.RunAsync(new PollRequest(shard.Id, shard.PollGeneration), ct);
    }

    private async Task ReconcileAsync(ProviderBatch shard, CancellationToken ct)
    {
        try
        {
            await reconcile.RunAsync(shard, ct);
        }
        catch (ProviderException error) when (error.Class != ProviderErrorClass.Unauthorized)
        {
            // Recorded on the row; asked again at the next step.
        }
    }

    private Pace PaceOf(ProviderBatch shard)
    {
        if (!paces.TryGetValue(shard.Id, out var pace) || pace.Status != shard.Status)
            paces[shard.Id] = pace = new Pace(shard, flow.Now, flow.Options.PollSchedule.Delay(0));
        return pace;
    }

    // What an earlier run met may be mended by now: only what this one has tried itself can be hopeless.
    private void StopIfHopeless(List<ProviderBatch> shards)
    {
        if (shards.Find(shard => shard.PausedReason is not null && !shard.Status.IsTerminal() && Tries(shard) > 0) is { } paused)
            throw new OffpeakException(OffpeakErrorCode.Provider, paused.PausedReason!);
        if (shards.Find(shard => IsUnreached(shard) && Tries(shard) >= SubmitsBeforeGivingIn) is { } unreached
            && shards.TrueForAll(shard => shard.SubmittedAt is null))
        {
            throw new OffpeakException(OffpeakErrorCode.Provider, unreached.LastError!);
        }

        // A provider far away works on while it cannot be reached; one that this process is itself does not.
        if (shards.Find(shard => shard.LastErrorClass == ProviderErrorClass.Unreachable.Value && Tries(shard) >= SubmitsBeforeGivingIn
            && flow.Providers.Get(shard.Provider).Capabilities.AnswersOneByOne) is { } away)
        {
            throw new OffpeakException(OffpeakErrorCode.Provider, away.LastError!);
        }
    }

    private int Tries(ProviderBatch shard) => paces.TryGetValue(shard.Id, out var pace) ? pace.Steps : 0;

    private static bool IsUnreached(ProviderBatch shard) =>
        shard.Status == ProviderBatchStatus.Pending && shard.LastErrorClass == ProviderErrorClass.Unreachable.Value;

    /// <summary>When this process looks at a provider batch next. A new status starts the schedule afresh.</summary>
    private sealed class Pace
    {
        private int polls;

        public Pace(ProviderBatch shard, DateTimeOffset now, TimeSpan first)
        {
            Status = shard.Status;
            polls = shard.PollAttempt;
            // A batch just accepted has nothing to show yet; everything else is looked at at once.
            Due = shard.Status == ProviderBatchStatus.Submitted && shard.PollAttempt == 0 && shard.NextPollAt > now ? now + first : now;
        }

        public ProviderBatchStatus Status { get; }

        public int Steps { get; private set; }

        public DateTimeOffset Due { get; private set; }

        /// <summary>
        /// After an action of ours the row says when to go on, a wait the provider asked for included. What other processes write into the
        /// row later, at a slower pace, does not hold us up.
        /// </summary>
        public void Step(ProviderBatch? row, DateTimeOffset now, Policies.PollSchedule schedule)
        {
            var next = row?.Status == ProviderBatchStatus.Pending ? row.NextSubmitAt : row?.NextPollAt;
            // A poll that went well may want the next one at once.
            var polled = row is { Status: not ProviderBatchStatus.Pending, NextPollAt: not null, LeaseOwner: null } && row.PollAttempt > polls;
            Due = (next > now && row!.LeaseOwner is null) || polled ? next!.Value : now + schedule.Delay(Steps);
            polls = row?.PollAttempt ?? polls;
            // Nothing was sent and a person waits: a name that does not resolve is tried again soon, then said.
            if (row is not null && IsUnreached(row) && Due > now + BetweenConnects)
                Due = now + BetweenConnects;
            Steps++;
        }
    }
}
