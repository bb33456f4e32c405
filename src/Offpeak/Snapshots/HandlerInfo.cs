using System.Diagnostics.CodeAnalysis;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>The handler of a batch and how far it is, at one moment.</summary>
public sealed record HandlerInfo
{
    /// <summary>Makes one by its properties, for tests of code that reads it.</summary>
    public HandlerInfo()
    {
    }

    [SetsRequiredMembers]
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
    public required string Name { get; init; }

    /// <summary>Stable id of its run, the same in every attempt; null until the batch has finished.</summary>
    public string? DispatchId { get; init; }

    /// <summary>Runs so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is due; null before the batch has finished, when it has succeeded, and when it is parked.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When it succeeded; null if it has not.</summary>
    public DateTimeOffset? SucceededAt { get; init; }

    /// <summary>When it was given up after too many attempts; <see cref="BatchClient.RetryAsync"/> runs it again. Null if it was not.</summary>
    public DateTimeOffset? ParkedAt { get; init; }

    /// <summary>Type and message of its last error; null if there was none.</summary>
    public string? LastError { get; init; }
}
