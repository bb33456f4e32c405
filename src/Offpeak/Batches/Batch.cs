namespace Offpeak.Batches;

/// <summary>What a user makes: any number of requests to one provider, with a name, a handler and a budget.</summary>
public sealed class Batch
{
    /// <summary>The id. Grows with time.</summary>
    public long Id { get; internal set; }

    /// <summary>A name for people; need not be unique.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The provider's name, for example <c>openai</c>.</summary>
    public string Provider { get; internal set; } = "";

    /// <summary>The model of entries that name none themselves, without the provider's name.</summary>
    public string Model { get; internal set; } = "";

    /// <summary>The endpoint path of its entries, for example <c>/v1/responses</c>.</summary>
    public string Endpoint { get; internal set; } = "";

    /// <summary>Where it stands.</summary>
    public BatchStatus Status { get; internal set; }

    /// <summary>Free pairs of the user's, as a JSON object; null if none.</summary>
    public string? Metadata { get; internal set; }

    /// <summary>Registered name of the handler that runs when the batch has finished; null if none.</summary>
    public string? Handler { get; internal set; }

    /// <summary>Recognises the same input with the same settings, so that it is not submitted twice; unique, null if not wanted.</summary>
    public string? InputKey { get; internal set; }

    /// <summary>Most US dollars to spend; no further round starts once it is reached. Null: no limit.</summary>
    public decimal? MaxCost { get; internal set; }

    /// <summary>Rounds allowed in all, the first included.</summary>
    public int MaxRounds { get; internal set; }

    /// <summary>Turns in which tools may answer an entry's calls; 0: an answer with tool calls is an answer.</summary>
    public int MaxTurns { get; internal set; }

    /// <summary>How often an answer that does not match its schema is asked again.</summary>
    public int MaxAnswerRetries { get; internal set; }

    /// <summary>Whether any entry has a schema that its answer is checked against.</summary>
    public bool ValidatesAnswers { get; internal set; }

    /// <summary>Entries that are sent first; the rest follows only if enough of them succeed. Null: all at once.</summary>
    public int? Canary { get; internal set; }

    /// <summary><c>provider/model</c> that is asked for what is missing after the last round; null: nobody.</summary>
    public string? FallbackModel { get; internal set; }

    /// <summary>How long after its submission whatever is missing goes to the fallback, rounds or not; null: only after the last round.</summary>
    public TimeSpan? FallbackAfter { get; internal set; }

    /// <summary>Since when the fallback is asked; null: not yet.</summary>
    public DateTimeOffset? FallbackSince { get; internal set; }

    /// <summary>The current round, from 1; 0 while building.</summary>
    public int Round { get; internal set; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; internal set; }

    /// <summary>Entries answered, as of the last results read.</summary>
    public int SucceededCount { get; internal set; }

    /// <summary>Entries refused for good, as of the last results read.</summary>
    public int FailedCount { get; internal set; }

    /// <summary>Entries cancelled, as of the last results read.</summary>
    public int CanceledCount { get; internal set; }

    /// <summary>Entries never answered in time, as of the last results read.</summary>
    public int ExpiredCount { get; internal set; }

    /// <summary>Input tokens used so far, or null if no answer reported any.</summary>
    public long? InputTokens { get; internal set; }

    /// <summary>Output tokens used so far, or null if no answer reported any.</summary>
    public long? OutputTokens { get; internal set; }

    /// <summary>Cost so far in US dollars, the batch discount included; null while unknown, never zero for want of a price.</summary>
    public decimal? Cost { get; internal set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; internal set; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset? SealedAt { get; internal set; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? FinishedAt { get; internal set; }

    /// <summary>When the user asked for cancellation.</summary>
    public DateTimeOffset? CancelRequestedAt { get; internal set; }

    /// <summary>Why it failed, expired or was cancelled, as one sentence.</summary>
    public string? FailureReason { get; internal set; }

    /// <summary>Stable id of the handler's run, made when the batch finishes; the same for every attempt.</summary>
    public string? DispatchId { get; internal set; }

    /// <summary>Handler runs started so far.</summary>
    public int DispatchAttempt { get; internal set; }

    /// <summary>When the handler is due; null if there is none, it is done, or it is parked.</summary>
    public DateTimeOffset? NextDispatchAt { get; internal set; }

    /// <summary>When the handler succeeded.</summary>
    public DateTimeOffset? HandlerDispatchedAt { get; internal set; }

    /// <summary>When the handler was given up after too many attempts.</summary>
    public DateTimeOffset? DispatchParkedAt { get; internal set; }

    /// <summary>Type and message of the handler's last error.</summary>
    public string? DispatchError { get; internal set; }

    /// <summary>Who holds the right to run the handler.</summary>
    public string? LeaseOwner { get; internal set; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? LeaseUntil { get; internal set; }

    /// <summary>Grows with every change; guards against lost races.</summary>
    public long Version { get; internal set; }

    /// <summary>When whatever is missing goes to the fallback; null: only after the last round, or not submitted yet.</summary>
    public DateTimeOffset? FallbackAt => FallbackSince is null ? SealedAt + FallbackAfter : null;

    /// <summary><c>provider/model</c>.</summary>
    public string FullModel => $"{Provider}/{Model}";
}
