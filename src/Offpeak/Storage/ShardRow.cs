using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>A shard as the store holds it: one part of a batch in one round. Changed only by <see cref="ShardChange"/> under its <see cref="Version"/>.</summary>
public sealed record ShardRow
{
    /// <summary>The id.</summary>
    public long Id { get; init; }

    /// <summary>The batch.</summary>
    public long BatchId { get; init; }

    /// <summary>The round, from 1.</summary>
    public int Round { get; init; }

    /// <summary>Number of the shard within the round, from 1.</summary>
    public int Number { get; init; }

    /// <summary>The provider's name.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The model, without the provider's name.</summary>
    public string Model { get; init; } = "";

    /// <summary>The endpoint.</summary>
    public BatchEndpoint Endpoint { get; init; }

    /// <summary>Whether its entries are sent in the fallback's form.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Where it stands.</summary>
    public ShardStatus Status { get; init; }

    /// <summary>The provider's id; set in the same statement as <see cref="NextPollAt"/>.</summary>
    public string? ProviderBatchId { get; init; }

    /// <summary>Unique text carried in the provider's batch.</summary>
    public SubmissionKey SubmissionKey { get; init; }

    /// <summary>The provider's own word for the state.</summary>
    public ProviderStatus ProviderStatus { get; init; }

    /// <summary>What is known of the provider's side.</summary>
    public Journal Journal { get; init; } = Journal.Empty;

    /// <summary>Fingerprint of the key that made it.</summary>
    public string? KeyFingerprint { get; init; }

    /// <summary>Ids of earlier provider batches under the same key that were refused for want of capacity.</summary>
    public IReadOnlyList<string> RejectedIds { get; init; } = [];

    /// <summary>Ids of further provider batches found under the same key.</summary>
    public IReadOnlyList<string> Doubles { get; init; } = [];

    /// <summary>Number of entries; 0 once it was cut into smaller shards.</summary>
    public int EntryCount { get; init; }

    /// <summary>Sum of their body lengths, in bytes.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Input tokens it takes of the account's queue, by estimate.</summary>
    public long EnqueuedTokens { get; init; }

    /// <summary>What its input costs at least, in US dollars: known from its first submit on, reserved from its batch's budget while it is under way; null without a budget.</summary>
    public decimal? ReservedCost { get; init; }

    /// <summary>Progress as the provider counts it.</summary>
    public ProviderCounts? Counts { get; init; }

    /// <summary>How often a submit was begun.</summary>
    public int SubmitAttempts { get; init; }

    /// <summary>Create calls whose reply was never seen.</summary>
    public int LostCreates { get; init; }

    /// <summary>When it was planned.</summary>
    public DateTimeOffset PlannedAt { get; init; }

    /// <summary>When a pending shard may be submitted; null at once.</summary>
    public DateTimeOffset? NextSubmitAt { get; init; }

    /// <summary>When the create call of the last attempt was about to be sent; null until then. Before it, the provider certainly holds nothing.</summary>
    public DateTimeOffset? CreateBegunAt { get; init; }

    /// <summary>When a create call was about to be sent for the first time; a lost batch cannot be older.</summary>
    public DateTimeOffset? FirstCreateAt { get; init; }

    /// <summary>When the reply was found to be lost.</summary>
    public DateTimeOffset? UnconfirmedAt { get; init; }

    /// <summary>When the provider accepted it.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>When the next poll is due; null only before acceptance and after the results were read.</summary>
    public DateTimeOffset? NextPollAt { get; init; }

    /// <summary>Polls since acceptance; picks the delay from the schedule.</summary>
    public int PollAttempt { get; init; }

    /// <summary>Names the one poll chain that is allowed to go on.</summary>
    public int PollGeneration { get; init; }

    /// <summary>Faults of our own, one after the other, while it was polled or read.</summary>
    public int FaultCount { get; init; }

    /// <summary>Since when the provider has answered 404, or null.</summary>
    public DateTimeOffset? NotFoundSince { get; init; }

    /// <summary>What holds it up; null if nothing does.</summary>
    public Trouble? Trouble { get; init; }

    /// <summary>What cannot be known about it and may cost money, as one sentence; null if nothing is in doubt.</summary>
    public string? Doubt { get; init; }

    /// <summary>When the provider was asked to cancel.</summary>
    public DateTimeOffset? CancelSentAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When its results had been read to the end.</summary>
    public DateTimeOffset? ResultsFetchedAt { get; init; }

    /// <summary>When nothing of it was left at the provider to delete.</summary>
    public DateTimeOffset? CleanedUpAt { get; init; }

    /// <summary>When the deletion of its files is tried again; null: not before the results are read, or done.</summary>
    public DateTimeOffset? NextCleanUpAt { get; init; }

    /// <summary>The code for a failure, ours (<c>FailureCodes</c>) or the provider's.</summary>
    public string? FailureCode { get; init; }

    /// <summary>Why it failed or was given up, as one sentence.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Result lines that could not be read.</summary>
    public int MalformedCount { get; init; }

    /// <summary>Result lines whose id is not of this shard.</summary>
    public int UnknownCount { get; init; }

    /// <summary>Second result lines for one entry; the first was kept.</summary>
    public int DuplicateCount { get; init; }

    /// <summary>Second result lines that differ from the first.</summary>
    public int ConflictCount { get; init; }

    /// <summary>Who holds the lease, see <see cref="LeaseChange.Token"/>.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Grows with every guarded change.</summary>
    public long Version { get; init; }
}
