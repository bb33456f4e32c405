using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Providers;

/// <summary>A batch that a provider holds for us.</summary>
public record ProviderBatchRef : ShardDescription
{
    /// <summary>Makes a reference by its properties.</summary>
    public ProviderBatchRef()
    {
    }

    /// <summary>Makes a reference to the batch that a provider made of a shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="providerBatchId">The provider's id.</param>
    [SetsRequiredMembers]
    public ProviderBatchRef(ShardDescription shard, string providerBatchId)
        : base(shard) => ProviderBatchId = providerBatchId;

    /// <summary>The provider's id.</summary>
    public required string ProviderBatchId { get; init; }

    /// <summary>Whether the provider was asked to stop it, for a provider that does the work itself.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>
    /// Streams the entries that have no result yet, in order, for a provider that does the work itself. The engine's own references read
    /// the store; any other has none.
    /// </summary>
    public virtual IAsyncEnumerable<SubmissionEntry> ReadOpenEntriesAsync(CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<SubmissionEntry>();

    /// <summary>
    /// Whether a call for an open entry may be sent, for a provider that does the work itself: asked right before each one, after all that it has
    /// waited for. Not once the batch is to be cancelled; what is still open then is left open.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker has taken the shard over, or may have by now.</exception>
    public virtual Task<bool> MayCallAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
