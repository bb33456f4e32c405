namespace Offpeak.Providers;

/// <summary>A batch that a provider holds for us.</summary>
/// <param name="ProviderBatchId">The provider's id.</param>
/// <param name="Key">The submission key it was created with.</param>
/// <param name="Model">The model, without the provider's name.</param>
/// <param name="Endpoint">The endpoint of its entries.</param>
/// <param name="EntryCount">Number of entries sent.</param>
/// <param name="State">What the provider asked us to remember.</param>
public sealed record ProviderBatchRef(
    string ProviderBatchId, SubmissionKey Key, string Model, BatchEndpoint Endpoint, int EntryCount, ProviderState State)
{
    /// <summary>Whether the provider was asked to stop it, for a provider that does the work itself.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>
    /// Streams the entries that have no result yet, in order, for a provider that does the work itself. The store gives it; empty without one.
    /// </summary>
    public Func<CancellationToken, IAsyncEnumerable<SubmissionEntry>> ReadOpenEntries { get; init; } = _ => AsyncEnumerable.Empty<SubmissionEntry>();
}
