using Offpeak.Batches;
using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Policies;

/// <summary>Decides what becomes of an entry once its shard has ended: done, or asked again in the next round.</summary>
internal static class RoundPolicy
{
    /// <summary>The status that a line of results gives to its entry.</summary>
    public static EntryStatus AfterResult(ProviderResult result, bool roundsLeft) => result.Kind switch
    {
        ProviderResultKind.Succeeded => EntryStatus.Succeeded,
        ProviderResultKind.Failed when result.IsPassing && roundsLeft => EntryStatus.Pending,
        ProviderResultKind.Failed => EntryStatus.Failed,
        ProviderResultKind.Expired when roundsLeft => EntryStatus.Pending,
        ProviderResultKind.Expired => EntryStatus.Expired,
        ProviderResultKind.Canceled when roundsLeft => EntryStatus.Pending,
        ProviderResultKind.Canceled => EntryStatus.Canceled,
        _ => throw new ArgumentOutOfRangeException(nameof(result), result.Kind, "A malformed line belongs to no entry."),
    };

    /// <summary>The status of an entry that the results do not mention, by how its shard ended.</summary>
    public static EntryStatus WhenMissing(ShardStatus ended, bool roundsLeft) => ended switch
    {
        _ when roundsLeft => EntryStatus.Pending,
        ShardStatus.Canceled => EntryStatus.Canceled,
        ShardStatus.Expired => EntryStatus.Expired,
        _ => EntryStatus.Failed,
    };

    /// <summary>
    /// Whether entries of a shard may go into another round. Not after a cancel; not when it was given up while the provider may still be
    /// working on it, because that could pay for the same work twice; not when the provider refused it, which would only repeat. A fallback is
    /// asked in all of these but the first: that is what it was named for.
    /// </summary>
    public static bool RoundsLeft(BatchRow batch, ShardRow shard) =>
        batch.CancelRequestedAt is null
        && (HasFallback(batch)
            || (shard.Round < batch.MaxRounds && !IsLost(shard)));

    /// <summary>The status of entries whose shard no provider has accepted: a fallback is asked for them, unless the batch is to be cancelled.</summary>
    public static EntryStatus WhenUnsent(BatchRow batch, EntryStatus otherwise) =>
        HasFallback(batch) && batch.CancelRequestedAt is null ? EntryStatus.Pending : otherwise;

    /// <summary>
    /// Whether what a shard did not answer was not sent, in effect: its provider ended it for want of room. Then it is sent again whatever the
    /// number of rounds, as a shard is that waits for room.
    /// </summary>
    public static bool IsUnsent(BatchRow batch, ShardRow shard) => batch.CancelRequestedAt is null && shard.FailureCode == FailureCodes.NoRoom;

    /// <summary>Whether there is a fallback that was not asked yet.</summary>
    public static bool HasFallback(BatchRow batch) => batch is { FallbackModel: not null, FallbackSince: null };

    /// <summary>Whether the next round is the fallback's: the provider has no round left, has failed, or has had its time.</summary>
    public static bool IsFallbackDue(BatchRow batch, IEnumerable<ShardRow> shards, DateTimeOffset now) =>
        HasFallback(batch) && (batch.Round >= batch.MaxRounds || IsFallbackOverdue(batch, shards, now));

    /// <summary>Whether the next round is the fallback's whatever rounds are left, conversations included: the provider has failed, or has had its time.</summary>
    public static bool IsFallbackOverdue(BatchRow batch, IEnumerable<ShardRow> shards, DateTimeOffset now) =>
        HasFallback(batch) && (batch.FallbackAt <= now || shards.Any(shard => shard.Round == batch.Round && IsLost(shard)));

    /// <summary>The provider that the next round goes to.</summary>
    public static string ProviderOf(BatchRow batch) =>
        batch.FallbackSince is null ? batch.Provider : ModelName.Split(batch.FallbackModel!).Provider;

    /// <summary>So many rounds more; whoever allows as many as there are is given no fewer.</summary>
    public static int MoreRounds(int rounds, int more) => (int)Math.Min((long)rounds + more, int.MaxValue);

    /// <summary>The status a batch finishes with.</summary>
    public static BatchEvent Outcome(BatchRow batch, bool refusedAsAWhole) => batch switch
    {
        { CanceledCount: > 0, CancelRequestedAt: not null } => BatchEvent.Cancel,
        { ExpiredCount: > 0 } or { CanceledCount: > 0 } => BatchEvent.Expire,
        { SucceededCount: 0 } when refusedAsAWhole => BatchEvent.Fail,
        _ => BatchEvent.Complete,
    };

    /// <summary>Whether a shard was stopped for the fallback's deadline, or given up, before all of it could be answered.</summary>
    public static bool HadNoTime(ShardRow shard) => shard.CancelSentAt is not null || shard.FailureCode == FailureCodes.GivenUp
        || shard is { Status: ShardStatus.Canceled, AcceptedAt: null, FailureCode: null };

    /// <summary>Whether a batch was refused as a whole: whatever else became of its shards, none was accepted and not refused later.</summary>
    public static bool IsRefused(IReadOnlyCollection<ShardRow> shards) =>
        shards.Any(shard => shard.Status == ShardStatus.Failed) && shards.All(shard => shard.Status == ShardStatus.Failed || shard.AcceptedAt is null);

    private static bool IsLost(ShardRow shard) => shard.Status == ShardStatus.Failed || shard.FailureCode == FailureCodes.GivenUp;
}
