using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>An entry's state, without its bodies.</summary>
public sealed record EntryRow
{
    /// <summary>The id. Within a batch, ids ascend in input order.</summary>
    public long Id { get; init; }

    /// <summary>The user's id, unique in the batch; any text.</summary>
    public string CustomId { get; init; } = "";

    /// <summary>The model, without the provider's name.</summary>
    public string Model { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public EntryStatus Status { get; init; }

    /// <summary>The shard it is or was last part of; null while waiting for a round.</summary>
    public long? ShardId { get; init; }

    /// <summary>How often it was handed to a provider.</summary>
    public int Attempts { get; init; }

    /// <summary>How often its conversation has gone on: tools have answered its calls, or its model had paused.</summary>
    public int Turn { get; init; }

    /// <summary>What has to happen to its conversation before the next round; null: nothing.</summary>
    public EntryContinuation? Continuation { get; init; }

    /// <summary>HTTP status inside the result line, or null.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Code of the last error, or null.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Message of the last error, or null.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Why the model stopped, in the provider's word.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The model that answered, as the provider names it.</summary>
    public string? ResponseModel { get; init; }

    /// <summary>Input tokens, cached ones included.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Input tokens read from the prompt cache.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Cost in US dollars, discount included; null if unknown.</summary>
    public decimal? Cost { get; init; }
}
