using System.Diagnostics.CodeAnalysis;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>A batch at one moment. Immutable; get a new one to see what has changed.</summary>
public sealed record BatchInfo
{
    /// <summary>Makes one by its properties, for tests of code that reads it.</summary>
    public BatchInfo()
    {
    }

    [SetsRequiredMembers]
    internal BatchInfo(BatchRow row)
    {
        Id = row.Id;
        Name = row.Name;
        Provider = row.Provider;
        Model = $"{row.Provider}/{row.Model}";
        Endpoint = row.Endpoint;
        Status = row.Status;
        Metadata = row.Metadata;
        InputKey = row.InputKey;
        MaxCost = row.MaxCost;
        Fallback = row.FallbackModel;
        FallbackSince = row.FallbackSince;
        Round = row.Round;
        MaxRounds = row.MaxRounds;
        EntryCount = row.EntryCount;
        SucceededCount = row.SucceededCount;
        FailedCount = row.FailedCount;
        CanceledCount = row.CanceledCount;
        ExpiredCount = row.ExpiredCount;
        InputTokens = row.InputTokens;
        OutputTokens = row.OutputTokens;
        Cost = row.Cost;
        CreatedAt = row.CreatedAt;
        SubmittedAt = row.SubmittedAt;
        FinishedAt = row.FinishedAt;
        CancelRequestedAt = row.CancelRequestedAt;
        FailureReason = row.FailureReason;
        Handler = row.Handler is null ? null : new HandlerInfo(row);
    }

    /// <summary>The id. Grows with time.</summary>
    public required long Id { get; init; }

    /// <summary>A name for people; need not be unique.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's name, for example <c>openai</c>.</summary>
    public required string Provider { get; init; }

    /// <summary><c>provider/model</c> of entries that name no model themselves.</summary>
    public required string Model { get; init; }

    /// <summary>The endpoint of its entries.</summary>
    public BatchEndpoint Endpoint { get; init; } = BatchEndpoint.Responses;

    /// <summary>Where it stands.</summary>
    public required BatchStatus Status { get; init; }

    /// <summary>Whether it is at its end: completed, canceled, expired or failed.</summary>
    public bool IsTerminal => Status.IsTerminal();

    /// <summary>The pairs that were given with it; null if none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>See <see cref="NewBatch.InputKey"/>.</summary>
    public string? InputKey { get; init; }

    /// <summary>Most US dollars to spend; null: no limit.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary><c>provider/model</c> that is asked for what is missing after the last round; null: none.</summary>
    public string? Fallback { get; init; }

    /// <summary>Since when the fallback is asked; null: not yet.</summary>
    public DateTimeOffset? FallbackSince { get; init; }

    /// <summary>The current round, from 1; 0 while building.</summary>
    public int Round { get; init; }

    /// <summary>Rounds allowed in all, the first included.</summary>
    public int MaxRounds { get; init; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; init; }

    /// <summary>Entries answered.</summary>
    public int SucceededCount { get; init; }

    /// <summary>Entries refused for good.</summary>
    public int FailedCount { get; init; }

    /// <summary>Entries cancelled.</summary>
    public int CanceledCount { get; init; }

    /// <summary>Entries never answered in time.</summary>
    public int ExpiredCount { get; init; }

    /// <summary>Input tokens used so far, or null if no answer reported any.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Output tokens used so far, or null if no answer reported any.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Cost so far in US dollars, the batch discount included; null while unknown, never zero for want of a price.</summary>
    public decimal? Cost { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was submitted; null before.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When it became terminal; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the user asked for cancellation; null if not.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>Why it failed, expired, stopped or was cancelled, as one sentence; null if nothing is to be said.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Its handler and how far that is; null if it has none.</summary>
    public HandlerInfo? Handler { get; init; }
}
