namespace Offpeak.Queues;

/// <summary>A request to poll one provider batch.</summary>
/// <param name="ProviderBatchId">Our row id of the provider batch.</param>
/// <param name="Generation">The poll chain it belongs to; a request of an older generation ends itself.</param>
public readonly record struct PollRequest(long ProviderBatchId, int Generation);
