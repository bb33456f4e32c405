using Offpeak.Codec;

namespace Offpeak;

/// <summary>What a batch would send and cost. What will be answered is not known before, so the cost is a range.</summary>
public sealed record CostEstimate
{
    /// <summary><c>provider/model</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Number of entries.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of shards they are cut into.</summary>
    public required int Shards { get; init; }

    /// <summary>Input tokens of all entries.</summary>
    public required TokenEstimate InputTokens { get; init; }

    /// <summary>Output tokens if every answer is as long as it may be; null if that is not known of every entry.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>US dollars if every answer is one token long; null if the price is not known.</summary>
    public decimal? LowestCost { get; init; }

    /// <summary>US dollars if every answer is as long as it may be; null if the price or that length is not known.</summary>
    public decimal? HighestCost { get; init; }

    /// <summary>Whether the model has output at all: embeddings have none.</summary>
    public bool HasOutput { get; init; } = true;
}
