using Offpeak.Providers;

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
}
