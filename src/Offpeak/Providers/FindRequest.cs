using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Providers;

/// <summary>
/// Describes a shard whose attempts may have left something at the provider: a batch whose create call was sent and whose reply was lost, or what
/// was begun and is not gone on with.
/// </summary>
public sealed record FindRequest : ShardDescription
{
    /// <summary>Makes a request by its properties.</summary>
    public FindRequest()
    {
    }

    /// <summary>Makes a request for a shard.</summary>
    /// <param name="shard">The shard, with what its attempts journalled.</param>
    /// <param name="notBefore">See <see cref="NotBefore"/>.</param>
    [SetsRequiredMembers]
    public FindRequest(ShardDescription shard, DateTimeOffset notBefore)
        : base(shard) => NotBefore = notBefore;

    /// <summary>Batches created before this moment cannot be the one; clock skew is already allowed for.</summary>
    public required DateTimeOffset NotBefore { get; init; }
}
