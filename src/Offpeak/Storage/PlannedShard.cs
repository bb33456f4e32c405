namespace Offpeak.Storage;

/// <summary>A shard that was planned, and its batch as it is now.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Shard">The shard.</param>
public sealed record PlannedShard(BatchRow Batch, ShardRow Shard);
