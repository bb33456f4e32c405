namespace Offpeak.Storage;

/// <summary>How much of a database does not go on by itself as it should.</summary>
/// <param name="PausedShards">Shards of running batches that wait for a person.</param>
/// <param name="FailedHandlers">Finished batches whose handler has failed and not succeeded since, is parked, or is known to no process that tried.</param>
public readonly record struct TroubleCounts(int PausedShards, int FailedHandlers);
