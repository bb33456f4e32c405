namespace Offpeak.Storage;

/// <summary>An entry that waits for a shard.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Model">Its model.</param>
/// <param name="RequestBytes">Length of the request that is sent next.</param>
public readonly record struct WaitingEntryRow(long Id, string Model, int RequestBytes);
