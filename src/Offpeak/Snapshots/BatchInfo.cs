using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>A batch at one moment. Immutable; get a new one to see what has changed.</summary>
public sealed record BatchInfo
{
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
    public long Id { get; }

    /// <summary>A name for people; need not be unique.</summary>
    public string Name { get; }

    /// <summary>The provider's name, for example <c>openai</c>.</summary>
    public string Provider { get; }

    /// <summary><c>provider/model</c> of entries that name no model themselves.</summary>
    public string Model { get; }

    /// <summary>The endpoint of its entries.</summary>
    public BatchEndpoint Endpoint { get; }

    /// <summary>Where it stands.</summary>
    public BatchStatus Status { get; }

    /// <summary>Whether it is at its end: completed, canceled, expired or failed.</summary>
    public bool IsTerminal => Status.IsTerminal();

    /// <summary>The pairs that were given with it; null if none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; }

    /// <summary>See <see cref="NewBatch.InputKey"/>.</summary>
    public string? InputKey { get; }

    /// <summary>Most US dollars to spend; null: no limit.</summary>
    public decimal? MaxCost { get; }

    /// <summary><c>provider/model</c> that is asked for what is missing after the last round; null: none.</summary>
    public string? Fallback { get; }

    /// <summary>Since when the fallback is asked; null: not yet.</summary>
    public DateTimeOffset? FallbackSince { get; }

    /// <summary>The current round, from 1; 0 while building.</summary>
    public int Round { get; }

    /// <summary>Rounds allowed in all, the first included.</summary>
    public int MaxRounds { get; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; }

    /// <summary>Entries answered.</summary>
    public int SucceededCount { get; }

    /// <summary>Entries refused for good.</summary>
    public int FailedCount { get; }

    /// <summary>Entries cancelled.</summary>
    public int CanceledCount { get; }

    /// <summary>Entries never answered in time.</summary>
    public int ExpiredCount { get; }

    /// <summary>Input tokens used so far, or null if no answer reported any.</summary>
    public long? InputTokens { get; }

    /// <summary>Output tokens used so far, or null if no answer reported any.</summary>
    public long? OutputTokens { get; }

    /// <summary>Cost so far in US dollars, the batch discount included; null while unknown, never zero for want of a price.</summary>
    public decimal? Cost { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>When it was submitted; null before.</summary>
    public DateTimeOffset? SubmittedAt { get; }

    /// <summary>When it became terminal; null before.</summary>
    public DateTimeOffset? FinishedAt { get; }

    /// <summary>When the user asked for cancellation; null if not.</summary>
    public DateTimeOffset? CancelRequestedAt { get; }

    /// <summary>Why it failed, expired, stopped or was cancelled, as one sentence; null if nothing is to be said.</summary>
    public string? FailureReason { get; }

    /// <summary>Its handler and how far that is; null if it has none.</summary>
    public HandlerInfo? Handler { get; }
}
