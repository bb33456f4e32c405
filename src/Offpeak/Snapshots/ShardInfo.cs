using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>One part of a batch in one round, and the provider batch that holds it, at one moment.</summary>
public sealed record ShardInfo
{
    internal ShardInfo(ShardRow row)
    {
        ShardId = row.Id;
        Round = row.Round;
        Number = row.Number;
        Model = $"{row.Provider}/{row.Model}";
        Status = row.Status;
        ProviderBatchId = row.ProviderBatchId;
        ProviderStatus = row.ProviderStatus;
        SubmissionKey = row.SubmissionKey;
        EntryCount = row.EntryCount;
        Counts = row.Counts;
        AcceptedAt = row.AcceptedAt;
        NextSubmitAt = row.NextSubmitAt;
        NextPollAt = row.NextPollAt;
        EndedAt = row.EndedAt;
        ResultsReadAt = row.ResultsFetchedAt;
        CleanedUpAt = row.CleanedUpAt;
        Trouble = row.Trouble?.Message;
        TroubleClass = row.Trouble?.Class;
        IsPaused = row.Trouble is { IsPaused: true };
        Doubt = row.Doubt;
        Doubles = row.Doubles;
        RefusedForRoom = row.RejectedIds;
        FailureCode = row.FailureCode;
        FailureReason = row.FailureReason;
        MalformedLines = row.MalformedCount;
        UnknownLines = row.UnknownCount;
        DuplicateLines = row.DuplicateCount;
        ConflictingLines = row.ConflictCount;
    }

    /// <summary>The id.</summary>
    public long ShardId { get; }

    /// <summary>The round, from 1.</summary>
    public int Round { get; }

    /// <summary>Number within the round, from 1.</summary>
    public int Number { get; }

    /// <summary><c>provider/model</c>.</summary>
    public string Model { get; }

    /// <summary>Where it stands.</summary>
    public ShardStatus Status { get; }

    /// <summary>Whether it is at its end.</summary>
    public bool IsTerminal => Status.IsTerminal();

    /// <summary>The provider's id of the provider batch; null while there is none.</summary>
    public string? ProviderBatchId { get; }

    /// <summary>The provider's own word for its state.</summary>
    public ProviderStatus ProviderStatus { get; }

    /// <summary>The key it carries at the provider, to look for it by hand.</summary>
    public SubmissionKey SubmissionKey { get; }

    /// <summary>Number of entries; 0 once it was cut into smaller shards.</summary>
    public int EntryCount { get; }

    /// <summary>Progress as the provider counts it; null if it did not say.</summary>
    public ProviderCounts? Counts { get; }

    /// <summary>When the provider accepted it; null before.</summary>
    public DateTimeOffset? AcceptedAt { get; }

    /// <summary>When it may be submitted; null at once.</summary>
    public DateTimeOffset? NextSubmitAt { get; }

    /// <summary>When it is polled next; null before it is accepted and after its results were read.</summary>
    public DateTimeOffset? NextPollAt { get; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; }

    /// <summary>When its results had been read to the end; null before.</summary>
    public DateTimeOffset? ResultsReadAt { get; }

    /// <summary>When its files at the provider were gone; null before.</summary>
    public DateTimeOffset? CleanedUpAt { get; }

    /// <summary>What holds it up, as one sentence; null if nothing does.</summary>
    public string? Trouble { get; }

    /// <summary>What kind of trouble; null if there is none.</summary>
    public ProviderErrorClass? TroubleClass { get; }

    /// <summary>Whether a person has to do something before it can go on.</summary>
    public bool IsPaused { get; }

    /// <summary>What cannot be known about it and may have cost money, as one sentence; null if nothing is in doubt.</summary>
    public string? Doubt { get; }

    /// <summary>Ids of further provider batches for the same work, which were asked to stop.</summary>
    public IReadOnlyList<string> Doubles { get; }

    /// <summary>Ids of earlier provider batches that were refused for want of room.</summary>
    public IReadOnlyList<string> RefusedForRoom { get; }

    /// <summary>The code of its failure; null if it did not fail.</summary>
    public string? FailureCode { get; }

    /// <summary>Why it failed or was given up, as one sentence; null if it was not.</summary>
    public string? FailureReason { get; }

    /// <summary>Result lines that could not be read.</summary>
    public int MalformedLines { get; }

    /// <summary>Result lines whose id is not of this shard.</summary>
    public int UnknownLines { get; }

    /// <summary>Second result lines for one entry; the first was kept.</summary>
    public int DuplicateLines { get; }

    /// <summary>Second result lines that differ from the first.</summary>
    public int ConflictingLines { get; }
}
