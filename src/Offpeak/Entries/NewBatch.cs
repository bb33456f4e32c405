using Offpeak.Codec;

namespace Offpeak;

/// <summary>What a new batch is to be.</summary>
/// <param name="Model"><c>provider/model</c>, for example <c>openai/gpt-5-nano</c>.</param>
public sealed record NewBatch(string Model)
{
    /// <summary>A name for people. Default: the model.</summary>
    public string? Name { get; init; }

    /// <summary>The endpoint of its entries. Default: Responses.</summary>
    public BatchEndpoint Endpoint { get; init; } = BatchEndpoint.Responses;

    /// <summary>Registered name of the handler to run when the batch has finished; null for none.</summary>
    public string? Handler { get; init; }

    /// <summary>Free pairs to keep with the batch.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Recognises the same input with the same settings; unique among batches. Null if not wanted.</summary>
    public string? InputKey { get; init; }

    /// <summary>Most US dollars to spend: no further round starts once it is reached. Null: no limit.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>Rounds in all, the first included. Null: the option <see cref="OffpeakOptions.MaxRounds"/>.</summary>
    public int? MaxRounds { get; init; }

    /// <summary>
    /// Turns in which registered tools may answer an entry's calls, all entries of a round together. Null or 0: an answer with tool calls
    /// is an answer.
    /// </summary>
    public int? MaxTurns { get; init; }

    /// <summary>
    /// How often an answer that does not match the schema of its request is asked again, with the error shown to the model. Null: the option
    /// <see cref="OffpeakOptions.MaxAnswerRetries"/>.
    /// </summary>
    public int? MaxAnswerRetries { get; init; }

    /// <summary>
    /// Entries that are sent first; the rest follows only if the share <see cref="OffpeakOptions.CanaryShare"/> of them succeeds. Null: all at once.
    /// </summary>
    public int? Canary { get; init; }

    /// <summary>
    /// <c>provider/model</c> that is asked for what is missing after the last round, for example <c>local/llama3</c>. Entries must be given as
    /// messages, because they are encoded for both.
    /// </summary>
    public string? Fallback { get; init; }

    /// <summary>
    /// How long after its submission a batch waits before the provider is told to stop and what is missing goes to the fallback. Null: until
    /// the last round has ended.
    /// </summary>
    public TimeSpan? FallbackAfter { get; init; }
}
