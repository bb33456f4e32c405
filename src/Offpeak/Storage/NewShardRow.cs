using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>A shard to plan: the waiting entries of one model from one id to another.</summary>
public sealed record NewShardRow
{
    /// <summary>The round, from 1. The store gives the number within it.</summary>
    public required int Round { get; init; }

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>The model, without the provider's name.</summary>
    public required string Model { get; init; }

    /// <summary>The endpoint.</summary>
    public required BatchEndpoint Endpoint { get; init; }

    /// <summary>Whether its entries are sent in the fallback's form.</summary>
    public required bool IsFallback { get; init; }

    /// <summary>The key.</summary>
    public required SubmissionKey SubmissionKey { get; init; }

    /// <summary>First entry.</summary>
    public required long FirstEntryId { get; init; }

    /// <summary>Last entry.</summary>
    public required long LastEntryId { get; init; }

    /// <summary>Number of entries; the plan fails if it is not met exactly.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Sum of their body lengths, in bytes.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>Input tokens by estimate.</summary>
    public required long EnqueuedTokens { get; init; }
}
