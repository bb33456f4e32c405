using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>What changes on a shard, all in one guarded statement. Fields that are not set keep their value.</summary>
public sealed record ShardChange
{
    /// <summary>The status; the guard compares the one before.</summary>
    public ShardStatus? Status { get; init; }

    /// <summary>See <see cref="ShardRow.ProviderBatchId"/>.</summary>
    public Set<string?> ProviderBatchId { get; init; }

    /// <summary>See <see cref="ShardRow.ProviderStatus"/>.</summary>
    public Set<ProviderStatus> ProviderStatus { get; init; }

    /// <summary>See <see cref="ShardRow.Journal"/>.</summary>
    public Set<Journal> Journal { get; init; }

    /// <summary>See <see cref="ShardRow.KeyFingerprint"/>.</summary>
    public Set<string?> KeyFingerprint { get; init; }

    /// <summary>See <see cref="ShardRow.RejectedIds"/>.</summary>
    public Set<IReadOnlyList<string>> RejectedIds { get; init; }

    /// <summary>Ids that are added to <see cref="ShardRow.Doubles"/>, whatever others have added to them since the shard was read.</summary>
    public Set<IReadOnlyList<string>> Doubles { get; init; }

    /// <summary>See <see cref="ShardRow.ReservedCost"/>.</summary>
    public Set<decimal?> ReservedCost { get; init; }

    /// <summary>See <see cref="ShardRow.Counts"/>.</summary>
    public Set<ProviderCounts?> Counts { get; init; }

    /// <summary>See <see cref="ShardRow.SubmitAttempts"/>.</summary>
    public Set<int> SubmitAttempts { get; init; }

    /// <summary>See <see cref="ShardRow.LostCreates"/>.</summary>
    public Set<int> LostCreates { get; init; }

    /// <summary>See <see cref="ShardRow.NextSubmitAt"/>.</summary>
    public Set<When> NextSubmitAt { get; init; }

    /// <summary>See <see cref="ShardRow.CreateBegunAt"/>.</summary>
    public Set<When> CreateBegunAt { get; init; }

    /// <summary>See <see cref="ShardRow.FirstCreateAt"/>.</summary>
    public Set<When> FirstCreateAt { get; init; }

    /// <summary>See <see cref="ShardRow.UnconfirmedAt"/>.</summary>
    public Set<When> UnconfirmedAt { get; init; }

    /// <summary>See <see cref="ShardRow.AcceptedAt"/>.</summary>
    public Set<When> AcceptedAt { get; init; }

    /// <summary>See <see cref="ShardRow.NextPollAt"/>.</summary>
    public Set<When> NextPollAt { get; init; }

    /// <summary>See <see cref="ShardRow.PollAttempt"/>.</summary>
    public Set<int> PollAttempt { get; init; }

    /// <summary>See <see cref="ShardRow.PollGeneration"/>.</summary>
    public Set<int> PollGeneration { get; init; }

    /// <summary>See <see cref="ShardRow.FaultCount"/>.</summary>
    public Set<int> FaultCount { get; init; }

    /// <summary>See <see cref="ShardRow.NotFoundSince"/>.</summary>
    public Set<When> NotFoundSince { get; init; }

    /// <summary>See <see cref="ShardRow.Trouble"/>.</summary>
    public Set<Trouble?> Trouble { get; init; }

    /// <summary>See <see cref="ShardRow.Doubt"/>.</summary>
    public Set<string?> Doubt { get; init; }

    /// <summary>See <see cref="ShardRow.CancelSentAt"/>.</summary>
    public Set<When> CancelSentAt { get; init; }

    /// <summary>See <see cref="ShardRow.EndedAt"/>.</summary>
    public Set<When> EndedAt { get; init; }

    /// <summary>See <see cref="ShardRow.ResultsFetchedAt"/>.</summary>
    public Set<When> ResultsFetchedAt { get; init; }

    /// <summary>See <see cref="ShardRow.CleanedUpAt"/>.</summary>
    public Set<When> CleanedUpAt { get; init; }

    /// <summary>See <see cref="ShardRow.NextCleanUpAt"/>.</summary>
    public Set<When> NextCleanUpAt { get; init; }

    /// <summary>See <see cref="ShardRow.FailureCode"/>.</summary>
    public Set<string?> FailureCode { get; init; }

    /// <summary>See <see cref="ShardRow.FailureReason"/>.</summary>
    public Set<string?> FailureReason { get; init; }

    /// <summary>See <see cref="ShardRow.MalformedCount"/>.</summary>
    public Set<int> MalformedCount { get; init; }

    /// <summary>See <see cref="ShardRow.UnknownCount"/>.</summary>
    public Set<int> UnknownCount { get; init; }

    /// <summary>See <see cref="ShardRow.DuplicateCount"/>.</summary>
    public Set<int> DuplicateCount { get; init; }

    /// <summary>See <see cref="ShardRow.ConflictCount"/>.</summary>
    public Set<int> ConflictCount { get; init; }

    /// <summary>Takes the lease or takes it away, if the store's clock says that it is free, or gives it back; null leaves it.</summary>
    public LeaseChange? Lease { get; init; }

    /// <summary>The lease under which the change is made: it fails unless this token holds it. Null: any or none.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Whether the change fails once an entry of it was answered, or has left it: then it cannot be sent again as it is.</summary>
    public bool RequiresUnanswered { get; init; }

    /// <summary>
    /// Whether the change fails once the batch does not allow what its submit was begun for: it is to be cancelled, its fallback's time has come, or
    /// its budget has no place for what the shard has reserved. For the moment before the call that costs money.
    /// </summary>
    public bool RequiresStillAllowed { get; init; }
}
