using Offpeak.Storage;

namespace Offpeak;

/// <summary>The handler of a batch and how far it is, at one moment.</summary>
public sealed record HandlerInfo
{
    internal HandlerInfo(BatchRow row)
    {
        Name = row.Handler!;
        DispatchId = row.DispatchId;
        Attempts = row.DispatchAttempt;
        NextAttemptAt = row.NextDispatchAt;
        SucceededAt = row.HandlerDispatchedAt;
        ParkedAt = row.DispatchParkedAt;
        LastError = row.DispatchError;
    }

    /// <summary>The name it is registered under.</summary>
    public string Name { get; }

    /// <summary>Stable id of its run, the same in every attempt; null until the batch has finished.</summary>
    public string? DispatchId { get; }

    /// <summary>Runs so far.</summary>
    public int Attempts { get; }

    /// <summary>When it is due; null before the batch has finished, when it has succeeded, and when it is parked.</summary>
    public DateTimeOffset? NextAttemptAt { get; }

    /// <summary>When it succeeded; null if it has not.</summary>
    public DateTimeOffset? SucceededAt { get; }

    /// <summary>When it was given up after too many attempts; <see cref="BatchClient.RetryAsync"/> runs it again. Null if it was not.</summary>
    public DateTimeOffset? ParkedAt { get; }

    /// <summary>Type and message of its last error; null if there was none.</summary>
    public string? LastError { get; }
}
