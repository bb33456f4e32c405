namespace Offpeak.Testing;

/// <summary>Computes a batch's state from the time alone, so that nothing has to tick while nobody looks.</summary>
internal sealed record BatchTimeline(BatchPace Pace, DateTimeOffset CreatedAt)
{
    public DateTimeOffset? CancelRequestedAt { get; init; }

    public BatchEnding? Ending { get; init; }

    public DateTimeOffset ExpiresAt => CreatedAt + Pace.Window;

    private DateTimeOffset ValidatedAt => CreatedAt + Pace.Validating;

    private DateTimeOffset WorkedAt => ValidatedAt + Pace.Running;

    private DateTimeOffset EndsAt => WorkedAt + (Pace.Finalizing ?? TimeSpan.Zero);

    /// <summary>True while the verdict on the input file cannot matter yet, or never will.</summary>
    public bool IsBeforeVerdict(DateTimeOffset now) => now < ValidatedAt || CancelRequestedAt < ValidatedAt;

    public BatchMoment At(DateTimeOffset now, bool invalid)
    {
        if (now >= CancelRequestedAt)
            return Cancelling(now, CancelRequestedAt.Value);
        if (now < ValidatedAt)
            return new BatchMoment(BatchPhase.Validating, 0);
        if (invalid)
            return new BatchMoment(BatchPhase.Failed, 0) { FailedAt = ValidatedAt };
        if (ExpiresAt < EndsAt && now >= ExpiresAt)
            return Started(BatchPhase.Expired, ExpiresAt) with { ExpiredAt = ExpiresAt };
        if (now < WorkedAt)
            return Started(BatchPhase.InProgress, now);
        if (now < EndsAt)
            return Started(BatchPhase.Finalizing, now);
        return Ended();
    }

    private BatchMoment Cancelling(DateTimeOffset now, DateTimeOffset requestedAt)
    {
        var cancelledAt = requestedAt + Pace.Cancelling;
        return now < cancelledAt
            ? Started(BatchPhase.Cancelling, requestedAt) with { CancellingAt = requestedAt }
            : Started(BatchPhase.Cancelled, requestedAt) with { CancellingAt = requestedAt, CancelledAt = cancelledAt };
    }

    private BatchMoment Ended() => Ending?.Status switch
    {
        BatchPhase.Expired => Started(BatchPhase.Expired, EndsAt) with { ExpiredAt = EndsAt },
        BatchPhase.Cancelled => Started(BatchPhase.Cancelled, EndsAt) with { CancellingAt = WorkedAt, CancelledAt = EndsAt },
        BatchPhase.Failed => Started(BatchPhase.Failed, EndsAt) with { FailedAt = EndsAt },
        _ => Started(BatchPhase.Completed, EndsAt) with { CompletedAt = EndsAt },
    };

    private BatchMoment Started(BatchPhase status, DateTimeOffset workedUntil) => new(status, Progress(workedUntil))
    {
        InProgressAt = workedUntil >= ValidatedAt ? ValidatedAt : null,
        FinalizingAt = workedUntil >= WorkedAt && Pace.Finalizing is not null ? WorkedAt : null,
    };

    private double Progress(DateTimeOffset at)
    {
        var share = at >= WorkedAt ? 1 : Math.Max(0, (at - ValidatedAt) / Pace.Running);
        return Math.Min(share, Ending?.Fraction ?? 1);
    }
}
