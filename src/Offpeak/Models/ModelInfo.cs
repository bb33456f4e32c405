namespace Offpeak.Models;

/// <summary>What is known of a model: its price, and what it can do in a batch.</summary>
public sealed record ModelInfo
{
    /// <summary>The list price; null if it is not known, which is not the same as zero.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>Whether the provider takes it in batches at all. Default: true.</summary>
    public bool CanBatch { get; init; } = true;

    /// <summary>Paths of the endpoints it can be batched through; empty means all of the provider's.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Most output tokens of one answer; null if not known.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Since when the price holds.</summary>
    public DateOnly? Effective { get; init; }

    /// <summary>Where the price and the rest were read.</summary>
    public string? Source { get; init; }
}
