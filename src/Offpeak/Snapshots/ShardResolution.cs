namespace Offpeak;

/// <summary>An operator's decision on a shard whose fate is not known, after a look into the provider's console.</summary>
public sealed record ShardResolution
{
    private ShardResolution(string? providerBatchId) => ProviderBatchId = providerBatchId;

    /// <summary>The provider holds nothing: submit it again. Should it hold one after all, it is paid for twice.</summary>
    public static ShardResolution Discard { get; } = new((string?)null);

    /// <summary>The id of the provider batch to adopt; null to discard.</summary>
    public string? ProviderBatchId { get; }

    /// <summary>The provider holds it under this id: go on with that.</summary>
    public static ShardResolution Adopt(string providerBatchId)
    {
        ArgumentException.ThrowIfNullOrEmpty(providerBatchId);
        return new ShardResolution(providerBatchId);
    }
}
