namespace Offpeak.Testing;

/// <summary>Computes a batch's state from the time alone, so that nothing has to tick while nobody looks.</summary>
internal sealed record BatchTimeline(EmulatorOptions Options, DateTimeOffset CreatedAt)
{
    public DateTimeOffset? CancelRequestedAt { get; init; }

    public BatchEnding? Ending { get; init; }

    public DateTimeOffset ExpiresAt => CreatedAt + Options.CompletionWindow;

    private DateTimeOffset ValidatedAt => CreatedAt + Options.ValidatingDuration;

    private DateTimeOffset WorkedAt => ValidatedAt + Options.BatchDuration;

    private DateTimeOffset EndsAt => WorkedAt + (Options.SkipFinalizing ? TimeSpan.Zero : Options.FinalizingDuration);

    /// <summary>True while the verdict on the input file cannot matter yet, or never will.</summary>
    public bool IsBeforeVerdict(DateTimeOffset now) => now < ValidatedAt || CancelRequestedAt < ValidatedAt;

    public BatchState At(DateTimeOffset now, bool invalid)
    {
        if (now >= CancelRequestedAt)
            return Cancelling(now, CancelRequestedAt.Value);
        if (now < ValidatedAt)
            return new BatchState(BatchStatus.Validating, 0);
        if (invalid)
            return new BatchState(BatchStatus.Failed, 0) { FailedAt = ValidatedAt };
        if (ExpiresAt < EndsAt && now >= ExpiresAt)
            return Started(BatchStatus.Expired, ExpiresAt) with { ExpiredAt = ExpiresAt };
        if (now < WorkedAt)
            return Started(BatchStatus.InProgress, now);
        if (now < EndsAt)
            return Started(BatchStatus.Finalizing, now);
        return Ended();
    }

    private BatchState Cancelling(DateTimeOffset now, DateTimeOffset requestedAt)
    {
        var cancelledAt = requestedAt + Options.CancellingDuration;
        return now < cancelledAt
            ? Started(BatchStatus.Cancelling, requestedAt) with { CancellingAt = requestedAt }
            : Started(BatchStatus.Cancelled, requestedAt) with { CancellingAt = requestedAt, CancelledAt = cancelledAt };
    }

    private BatchState Ended() => Ending?.Status switch
    {
        BatchStatus.Expired => Started(BatchStatus.Expired, EndsAt) with { ExpiredAt = EndsAt },
        BatchStatus.Cancelled => Started(BatchStatus.Cancelled, EndsAt) with { CancellingAt = WorkedAt, CancelledAt = EndsAt },
        BatchStatus.Failed => Started(BatchStatus.Failed, EndsAt) with { FailedAt = EndsAt },
        _ => Started(BatchStatus.Completed, EndsAt) with { CompletedAt = EndsAt },
    };

    private BatchState Started(BatchStatus status, DateTimeOffset workedUntil) => new(status, Progress(workedUntil))
    {
        InProgressAt = workedUntil >= ValidatedAt ? ValidatedAt : null,
        FinalizingAt = workedUntil >= WorkedAt && !Options.SkipFinalizing ? WorkedAt : null,
    };

    private double Progress(DateTimeOffset at)
    {
        var share = at >= WorkedAt ? 1 : Math.Max(0, (at - ValidatedAt) / Options.BatchDuration);
        return Math.Min(share, Ending?.Fraction ?? 1);
    }
}
