using Offpeak.Batches;
using Offpeak.Codec;

namespace Offpeak.Storage;

/// <summary>A batch as the store holds it. Read once, changed only by <see cref="BatchChange"/> under its <see cref="Version"/>.</summary>
public sealed record BatchRow
{
    /// <summary>The id. Grows with time.</summary>
    public long Id { get; init; }

    /// <summary>A name for people; need not be unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>The provider's name, for example <c>openai</c>.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The model of entries that name none themselves, without the provider's name.</summary>
    public string Model { get; init; } = "";

    /// <summary>The endpoint of its entries.</summary>
    public BatchEndpoint Endpoint { get; init; }

    /// <summary>Where it stands.</summary>
    public BatchStatus Status { get; init; }

    /// <summary>Free pairs of the user's; null if none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Registered name of the handler that runs when the batch has finished; null if none.</summary>
    public string? Handler { get; init; }

    /// <summary>Recognises the same input with the same settings; unique, null if not wanted.</summary>
    public string? InputKey { get; init; }

    /// <summary>Most US dollars to spend; null: no limit.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>Rounds allowed in all, the first included.</summary>
    public int MaxRounds { get; init; }

    /// <summary>Rounds it was given at first, and is given again by each retry and by its fallback.</summary>
    public int RoundsGiven { get; init; }

    /// <summary>Turns in which tools may answer an entry's calls; 0: an answer with tool calls is an answer.</summary>
    public int MaxTurns { get; init; }

    /// <summary>How often an answer that does not match its schema is asked again.</summary>
    public int MaxAnswerRetries { get; init; }

    /// <summary>Whether any entry has a schema that its answer is checked against.</summary>
    public bool ValidatesAnswers { get; init; }

    /// <summary>Entries that are sent first; null: all at once.</summary>
    public int? Canary { get; init; }

    /// <summary><c>provider/model</c> that is asked for what is missing after the last round; null: none.</summary>
    public string? FallbackModel { get; init; }

    /// <summary>How long after its submission whatever is missing goes to the fallback; null: only after the last round.</summary>
    public TimeSpan? FallbackAfter { get; init; }

    /// <summary>Since when the fallback is asked; null: not yet.</summary>
    public DateTimeOffset? FallbackSince { get; init; }

    /// <summary>The current round, from 1; 0 while building.</summary>
    public int Round { get; init; }

    /// <summary>Work on its entries that was begun and is not finished; null: none.</summary>
    public BatchStep? Step { get; init; }

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

    /// <summary>Cost so far in US dollars; null while unknown, never zero for want of a price.</summary>
    public decimal? Cost { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When it was last asked again after its end; null: never.</summary>
    public DateTimeOffset? ReopenedAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the user asked for cancellation.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>Why it failed, expired, stopped or was cancelled, as one sentence.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Code of what stopped it early (budget, canary, a provider that is gone); null if nothing did.</summary>
    public string? FailureCode { get; init; }

    /// <summary>Stable id of the handler's run, made when the batch finishes; the same for every attempt.</summary>
    public string? DispatchId { get; init; }

    /// <summary>Handler runs started so far, those that a stopping host interrupted not counted.</summary>
    public int DispatchAttempt { get; init; }

    /// <summary>When the handler is due; null if there is none, it is done, or it is parked.</summary>
    public DateTimeOffset? NextDispatchAt { get; init; }

    /// <summary>When the handler succeeded.</summary>
    public DateTimeOffset? HandlerDispatchedAt { get; init; }

    /// <summary>When the handler was given up after too many attempts.</summary>
    public DateTimeOffset? DispatchParkedAt { get; init; }

    /// <summary>Type and message of the handler's last error.</summary>
    public string? DispatchError { get; init; }

    /// <summary>Who holds the lease, see <see cref="LeaseChange.Token"/>.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Grows with every guarded change, and when entries are added.</summary>
    public long Version { get; init; }

    /// <summary>When whatever is missing goes to the fallback; null: only after the last round, or not submitted yet.</summary>
    public DateTimeOffset? FallbackAt => FallbackSince is null && FallbackModel is not null ? SubmittedAt + FallbackAfter : null;

    /// <summary>Entries that are terminal.</summary>
    public int TerminalCount => SucceededCount + FailedCount + CanceledCount + ExpiredCount;
}
