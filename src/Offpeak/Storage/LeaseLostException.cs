namespace Offpeak.Storage;

/// <summary>The lease on a provider batch or handler is no longer held: somebody else has taken over, so this worker must stop.</summary>
internal sealed class LeaseLostException(string what) : Exception($"The lease on {what} was lost; another worker has taken over.");
