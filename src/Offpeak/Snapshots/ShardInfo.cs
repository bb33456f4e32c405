using System.Diagnostics.CodeAnalysis;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>One part of a batch in one round, and the provider batch that holds it, at one moment.</summary>
public sealed record ShardInfo
{
    /// <summary>Makes one by its properties, for tests of code that reads it.</summary>
    public ShardInfo()
    {
    }

    [SetsRequiredMembers]
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
    public required long ShardId { get; init; }

    /// <summary>The round, from 1.</summary>
    public int Round { get; init; }

    /// <summary>Number within the round, from 1.</summary>
    public int Number { get; init; }

    /// <summary><c>provider/model</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Where it stands.</summary>
    public required ShardStatus Status { get; init; }

    /// <summary>Whether it is at its end.</summary>
    public bool IsTerminal => Status.IsTerminal();

    /// <summary>The provider's id of the provider batch; null while there is none.</summary>
    public string? ProviderBatchId { get; init; }

    /// <summary>The provider's own word for its state.</summary>
    public ProviderStatus ProviderStatus { get; init; }

    /// <summary>The key it carries at the provider, to look for it by hand.</summary>
    public SubmissionKey SubmissionKey { get; init; }

    /// <summary>Number of entries; 0 once it was cut into smaller shards.</summary>
    public int EntryCount { get; init; }

    /// <summary>Progress as the provider counts it; null if it did not say.</summary>
    public ProviderCounts? Counts { get; init; }

    /// <summary>When the provider accepted it; null before.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>When it may be submitted; null at once.</summary>
    public DateTimeOffset? NextSubmitAt { get; init; }

    /// <summary>When it is polled next; null before it is accepted and after its results were read.</summary>
    public DateTimeOffset? NextPollAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When its results had been read to the end; null before.</summary>
    public DateTimeOffset? ResultsReadAt { get; init; }

    /// <summary>When its files at the provider were gone; null before.</summary>
    public DateTimeOffset? CleanedUpAt { get; init; }

    /// <summary>What holds it up, as one sentence; null if nothing does.</summary>
    public string? Trouble { get; init; }

    /// <summary>What kind of trouble; null if there is none.</summary>
    public ProviderErrorClass? TroubleClass { get; init; }

    /// <summary>Whether a person has to do something before it can go on.</summary>
    public bool IsPaused { get; init; }

    /// <summary>What cannot be known about it and may have cost money, as one sentence; null if nothing is in doubt.</summary>
    public string? Doubt { get; init; }

    /// <summary>Ids of further provider batches for the same work, which were asked to stop.</summary>
    public IReadOnlyList<string> Doubles { get; init; } = [];

    /// <summary>Ids of earlier provider batches that were refused for want of room.</summary>
    public IReadOnlyList<string> RefusedForRoom { get; init; } = [];

    /// <summary>The code of its failure; null if it did not fail.</summary>
    public string? FailureCode { get; init; }

    /// <summary>Why it failed or was given up, as one sentence; null if it was not.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Result lines that could not be read.</summary>
    public int MalformedLines { get; init; }

    /// <summary>Result lines whose id is not of this shard.</summary>
    public int UnknownLines { get; init; }

    /// <summary>Second result lines for one entry; the first was kept.</summary>
    public int DuplicateLines { get; init; }

    /// <summary>Second result lines that differ from the first.</summary>
    public int ConflictingLines { get; init; }
}
