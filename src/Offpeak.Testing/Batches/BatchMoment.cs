namespace Offpeak.Testing;

/// <summary>Where a batch stands at one moment.</summary>
/// <param name="Status">The state it is in.</param>
/// <param name="Progress">Share of its requests that are done, 0 to 1.</param>
internal readonly record struct BatchMoment(BatchPhase Status, double Progress)
{
    public DateTimeOffset? InProgressAt { get; init; }

    public DateTimeOffset? FinalizingAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    public DateTimeOffset? CancellingAt { get; init; }

    public DateTimeOffset? CancelledAt { get; init; }

    public DateTimeOffset? EndedAt => CompletedAt ?? FailedAt ?? ExpiredAt ?? CancelledAt;
}
