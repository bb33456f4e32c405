namespace Offpeak.Providers;

/// <summary>What a provider answered to a create call.</summary>
/// <param name="ProviderBatchId">The provider's id of the batch.</param>
/// <param name="Status">The provider's own word for the state.</param>
/// <param name="RetryAfter">The wait the provider asked for before the first poll, if any.</param>
public sealed record ProviderReceipt(string ProviderBatchId, ProviderStatus Status = default, TimeSpan? RetryAfter = null);
