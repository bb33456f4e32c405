namespace Offpeak.Testing;

/// <summary>A batch with its answers, which are made in the background from the moment of creation.</summary>
internal sealed class BatchRecord(BatchOrder order, BatchTimeline timeline, Task<BatchRun> run, ResultComposer composer)
{
    private readonly Lock gate = new();
    private BatchTimeline timeline = timeline;
    private Task<BatchRun>? run = run;
    private Task<BatchSettlement>? settlement;
    private BatchView? settled;

    public string Id { get; init; } = $"{order.IdPrefix}{Guid.NewGuid():N}";

    public BatchOrder Order { get; } = order;

    public DateTimeOffset CreatedAt => timeline.CreatedAt;

    public DateTimeOffset ExpiresAt => timeline.ExpiresAt;

    public DateTimeOffset? CancelRequestedAt => timeline.CancelRequestedAt;

    /// <summary>When a client deleted it; it is then in no list and cannot be read.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Where a batch stands whose requests were found valid when it was made.</summary>
    public BatchMoment StateAt(DateTimeOffset now) => timeline.At(now, invalid: false);

    public async ValueTask<BatchView> ViewAsync(DateTimeOffset now)
    {
        if (Pending is not { } answering)
            return settled!;
        if (timeline.IsBeforeVerdict(now))
            return new BatchView(this, timeline.At(now, invalid: false));
        var view = await LookAsync(now, await answering);
        if (view.State.Status.IsTerminal())
            Settle(view);
        return view;
    }

    /// <summary>Asks the batch to stop; false when it has already ended.</summary>
    public async ValueTask<bool> CancelAsync(DateTimeOffset now)
    {
        if (Pending is not { } answering)
            return false;
        var invalid = !timeline.IsBeforeVerdict(now) && ProblemsOf(await answering).Count > 0;
        lock (gate)
        {
            if (timeline.At(now, invalid).Status.IsTerminal())
                return false;
            timeline = timeline with { CancelRequestedAt = timeline.CancelRequestedAt ?? now };
            return true;
        }
    }

    /// <summary>The answers; null once the batch was seen to have ended.</summary>
    private Task<BatchRun>? Pending
    {
        get
        {
            lock (gate)
                return run;
        }
    }

    private async Task<BatchView> LookAsync(DateTimeOffset now, BatchRun finished)
    {
        var problems = ProblemsOf(finished);
        var state = timeline.At(now, problems.Count > 0);
        var started = state.InProgressAt is not null;
        var done = finished.DoneAt(state.Progress);
        var (completed, failed) = finished.CountFirst(done);
        return new BatchView(this, state)
        {
            Model = started ? finished.Model : null,
            Problems = state.Status == BatchPhase.Failed ? ReasonsOf(problems) : [],
            Total = started ? finished.Entries.Count : 0,
            Completed = completed,
            Failed = failed,
            Usage = state.Status.IsTerminal() ? finished.UsageOfFirst(done) : default,
            Files = started && state.Status.IsTerminal() ? await SettleAsync(finished, state) : new(null, null),
        };
    }

    private IReadOnlyList<LineProblem> ProblemsOf(BatchRun finished) =>
        timeline.Ending is { FailsValidation: true, Problem: { } problem } ? [problem] : finished.Problems;

    private IReadOnlyList<LineProblem> ReasonsOf(IReadOnlyList<LineProblem> problems) =>
        problems.Count == 0 && timeline.Ending?.Problem is { } problem ? [problem] : problems;

    private Task<BatchSettlement> SettleAsync(BatchRun finished, BatchMoment state)
    {
        lock (gate)
            return settlement ??= Task.Run(() => composer.Compose(this, finished, state));
    }

    // An end is for ever, so that the requests, which may be many, need not be kept for it. The task that made the files holds them too;
    // whoever looked at the same time still finds its result.
    private void Settle(BatchView view)
    {
        lock (gate)
            (settled, run, settlement) = (view, null, Task.FromResult(view.Files));
    }
}
