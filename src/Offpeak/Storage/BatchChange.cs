using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>What changes on a batch, all in one guarded statement. Fields that are not set keep their value.</summary>
public sealed record BatchChange
{
    /// <summary>The status; the guard compares the one before.</summary>
    public BatchStatus? Status { get; init; }

    /// <summary>See <see cref="BatchRow.InputKey"/>.</summary>
    public Set<string?> InputKey { get; init; }

    /// <summary>See <see cref="BatchRow.MaxCost"/>.</summary>
    public Set<decimal?> MaxCost { get; init; }

    /// <summary>See <see cref="BatchRow.MaxRounds"/>.</summary>
    public Set<int> MaxRounds { get; init; }

    /// <summary>See <see cref="BatchRow.Canary"/>.</summary>
    public Set<int?> Canary { get; init; }

    /// <summary>See <see cref="BatchRow.FallbackSince"/>.</summary>
    public Set<When> FallbackSince { get; init; }

    /// <summary>See <see cref="BatchRow.Round"/>.</summary>
    public Set<int> Round { get; init; }

    /// <summary>See <see cref="BatchRow.Step"/>.</summary>
    public Set<BatchStep?> Step { get; init; }

    /// <summary>See <see cref="BatchRow.SubmittedAt"/>.</summary>
    public Set<When> SubmittedAt { get; init; }

    /// <summary>See <see cref="BatchRow.ReopenedAt"/>.</summary>
    public Set<When> ReopenedAt { get; init; }

    /// <summary>See <see cref="BatchRow.FinishedAt"/>.</summary>
    public Set<When> FinishedAt { get; init; }

    /// <summary>See <see cref="BatchRow.CancelRequestedAt"/>.</summary>
    public Set<When> CancelRequestedAt { get; init; }

    /// <summary>See <see cref="BatchRow.FailureReason"/>.</summary>
    public Set<string?> FailureReason { get; init; }

    /// <summary>See <see cref="BatchRow.FailureCode"/>.</summary>
    public Set<string?> FailureCode { get; init; }

    /// <summary>See <see cref="BatchRow.DispatchId"/>.</summary>
    public Set<string?> DispatchId { get; init; }

    /// <summary>See <see cref="BatchRow.DispatchAttempt"/>.</summary>
    public Set<int> DispatchAttempt { get; init; }

    /// <summary>See <see cref="BatchRow.NextDispatchAt"/>.</summary>
    public Set<When> NextDispatchAt { get; init; }

    /// <summary>See <see cref="BatchRow.HandlerDispatchedAt"/>.</summary>
    public Set<When> HandlerDispatchedAt { get; init; }

    /// <summary>See <see cref="BatchRow.DispatchParkedAt"/>.</summary>
    public Set<When> DispatchParkedAt { get; init; }

    /// <summary>See <see cref="BatchRow.DispatchError"/>.</summary>
    public Set<string?> DispatchError { get; init; }

    /// <summary>Takes the lease or takes it away, if the store's clock says that it is free, or gives it back; null leaves it.</summary>
    public LeaseChange? Lease { get; init; }

    /// <summary>The lease under which the change is made: it fails unless this token holds it. Null: any or none.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Whether shards that were planned and not begun are cancelled in the same transaction.</summary>
    public bool CancelsPendingShards { get; init; }

    /// <summary>Whether the change fails while a shard of it has files left at its provider, or an entry or shard is not terminal: for deletion.</summary>
    public bool RequiresNothingLeft { get; init; }
}
