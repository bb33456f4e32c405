using Offpeak.Codec;

namespace Offpeak.Providers;

/// <summary>What a provider is told of a shard, whatever it is asked to do with it.</summary>
public record ShardDescription
{
    /// <summary>The submission key that the provider's batch and input file carry.</summary>
    public required SubmissionKey Key { get; init; }

    /// <summary>The model, without the provider's name.</summary>
    public required string Model { get; init; }

    /// <summary>The endpoint every entry is meant for.</summary>
    public required BatchEndpoint Endpoint { get; init; }

    /// <summary>Number of entries in the shard.</summary>
    public required int EntryCount { get; init; }

    /// <summary>What was journalled of it so far.</summary>
    public Journal Journal { get; init; } = Journal.Empty;
}
