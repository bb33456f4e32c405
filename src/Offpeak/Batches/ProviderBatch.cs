namespace Offpeak.Batches;

/// <summary>What a provider holds for us: one shard of a batch in one round.</summary>
public sealed class ProviderBatch
{
    /// <summary>The id.</summary>
    public long Id { get; internal set; }

    /// <summary>The batch.</summary>
    public long BatchId { get; internal set; }

    /// <summary>The round, from 1.</summary>
    public int Round { get; internal set; }

    /// <summary>Number of the shard within the round, from 1.</summary>
    public int Shard { get; internal set; }

    /// <summary>The provider's name.</summary>
    public string Provider { get; internal set; } = "";

    /// <summary>The model, without the provider's name.</summary>
    public string Model { get; internal set; } = "";

    /// <summary>The endpoint path.</summary>
    public string Endpoint { get; internal set; } = "";

    /// <summary>Where it stands.</summary>
    public ProviderBatchStatus Status { get; internal set; }

    /// <summary>The provider's id; set in the same statement as <see cref="NextPollAt"/>.</summary>
    public string? ProviderBatchId { get; internal set; }

    /// <summary>Unique text carried in the provider's batch.</summary>
    public string SubmissionKey { get; internal set; } = "";

    /// <summary>The provider's own word for the state.</summary>
    public string? ProviderStatus { get; internal set; }

    /// <summary>What the provider asked us to remember, as JSON.</summary>
    public string? ProviderState { get; internal set; }

    /// <summary>Fingerprint of the key that made it.</summary>
    public string? KeyFingerprint { get; internal set; }

    /// <summary>Ids of earlier provider batches under the same key that were refused for want of capacity, as a JSON array.</summary>
    public string? RejectedIds { get; internal set; }

    /// <summary>Ids of further provider batches found under the same key: doubles, as a JSON array.</summary>
    public string? DuplicateIds { get; internal set; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; internal set; }

    /// <summary>Sum of their body lengths, in bytes.</summary>
    public long BodyBytes { get; internal set; }

    /// <summary>Progress as the provider counts it, as JSON.</summary>
    public string? RequestCounts { get; internal set; }

    /// <summary>How often a submit was begun.</summary>
    public int SubmitAttempts { get; internal set; }

    /// <summary>When a pending provider batch may be submitted; null at once.</summary>
    public DateTimeOffset? NextSubmitAt { get; internal set; }

    /// <summary>When the create call was about to be sent; null until then. Before it, the provider certainly holds nothing.</summary>
    public DateTimeOffset? CreateBegunAt { get; internal set; }

    /// <summary>When a create call was about to be sent for the first time; a lost batch cannot be older.</summary>
    public DateTimeOffset? FirstCreateAt { get; internal set; }

    /// <summary>When the reply was found to be lost.</summary>
    public DateTimeOffset? UnconfirmedAt { get; internal set; }

    /// <summary>When the provider accepted it.</summary>
    public DateTimeOffset? SubmittedAt { get; internal set; }

    /// <summary>When the next poll is due; null only before submission and after the results were read.</summary>
    public DateTimeOffset? NextPollAt { get; internal set; }

    /// <summary>Polls since submission; picks the delay from the schedule.</summary>
    public int PollAttempt { get; internal set; }

    /// <summary>Names the one poll chain that is allowed to go on.</summary>
    public int PollGeneration { get; internal set; }

    /// <summary>Since when the provider has answered 404, or null.</summary>
    public DateTimeOffset? NotFoundSince { get; internal set; }

    /// <summary>Why work is paused (key refused), or null.</summary>
    public string? PausedReason { get; internal set; }

    /// <summary>The last error met, as one sentence, or null after a success.</summary>
    public string? LastError { get; internal set; }

    /// <summary>Class of the last error (see <see cref="Providers.ProviderErrorClass"/>), or null.</summary>
    public string? LastErrorClass { get; internal set; }

    /// <summary>When the provider was asked to cancel.</summary>
    public DateTimeOffset? CancelSentAt { get; internal set; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>When its results had been read to the end.</summary>
    public DateTimeOffset? ResultsFetchedAt { get; internal set; }

    /// <summary>When its files at the provider were deleted.</summary>
    public DateTimeOffset? CleanedUpAt { get; internal set; }

    /// <summary>The provider's code for a failure.</summary>
    public string? FailureError { get; internal set; }

    /// <summary>Why it failed or was given up, as one sentence.</summary>
    public string? FailureReason { get; internal set; }

    /// <summary>Result lines that could not be read.</summary>
    public int MalformedCount { get; internal set; }

    /// <summary>Result lines whose id is not of this provider batch.</summary>
    public int UnknownCount { get; internal set; }

    /// <summary>Second result lines for one entry; the first was kept.</summary>
    public int DuplicateCount { get; internal set; }

    /// <summary>Second result lines that differ from the first.</summary>
    public int ConflictCount { get; internal set; }

    /// <summary>Who works on it.</summary>
    public string? LeaseOwner { get; internal set; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? LeaseUntil { get; internal set; }

    /// <summary>Grows with every change; guards against lost races and serves as fencing token of the lease.</summary>
    public long Version { get; internal set; }
}
