namespace Offpeak.Batches;

/// <summary>One request of a batch and what became of it. The bodies are kept apart, see <see cref="EntryRequest"/> and <see cref="EntryResult"/>.</summary>
public sealed class BatchEntry
{
    /// <summary>The id. Within a batch, ids ascend in input order.</summary>
    public long Id { get; internal set; }

    /// <summary>The batch.</summary>
    public long BatchId { get; internal set; }

    /// <summary>The user's id, unique in the batch; any text.</summary>
    public string CustomId { get; internal set; } = "";

    /// <summary>The model, without the provider's name.</summary>
    public string Model { get; internal set; } = "";

    /// <summary>Where it stands.</summary>
    public EntryStatus Status { get; internal set; }

    /// <summary>The provider batch it is or was last part of; null while waiting for a round.</summary>
    public long? ShardId { get; internal set; }

    /// <summary>How often it was handed to a provider.</summary>
    public int Attempts { get; internal set; }

    /// <summary>Whether the answer is checked against the schema in the request.</summary>
    public bool ValidatesAnswer { get; internal set; }

    /// <summary>How often tools have answered its calls.</summary>
    public int Turn { get; internal set; }

    /// <summary>How often an answer that did not match the schema was asked again.</summary>
    public int AnswerRetries { get; internal set; }

    /// <summary>Whether it was asked again with a higher limit, because its answer was cut off.</summary>
    public bool OutputRaised { get; internal set; }

    /// <summary>What has to happen to its conversation before the next round; null: nothing.</summary>
    public EntryContinuation? Continuation { get; internal set; }

    /// <summary>Length of the request body that is sent next, in bytes.</summary>
    public int RequestBytes { get; internal set; }

    /// <summary>HTTP status inside the result line, or null.</summary>
    public int? StatusCode { get; internal set; }

    /// <summary>Code of the last error, or null.</summary>
    public string? ErrorCode { get; internal set; }

    /// <summary>Message of the last error, or null.</summary>
    public string? ErrorMessage { get; internal set; }

    /// <summary>Why the model stopped, in the provider's word.</summary>
    public string? FinishReason { get; internal set; }

    /// <summary>The model that answered, as the provider names it.</summary>
    public string? ResponseModel { get; internal set; }

    /// <summary>Input tokens, cached ones included.</summary>
    public long? InputTokens { get; internal set; }

    /// <summary>Input tokens read from the prompt cache.</summary>
    public long? CachedInputTokens { get; internal set; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long? OutputTokens { get; internal set; }

    /// <summary>Cost in US dollars, discount included; null if unknown.</summary>
    public decimal? Cost { get; internal set; }
}
