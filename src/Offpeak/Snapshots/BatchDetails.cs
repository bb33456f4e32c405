using Offpeak.Batches;

namespace Offpeak;

/// <summary>A batch with its shards and the count of its entries at this moment.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Shards">Its shards, by round and number.</param>
/// <param name="Counts">Its entries by status.</param>
public sealed record BatchDetails(BatchInfo Batch, IReadOnlyList<ShardInfo> Shards, EntryCounts Counts);
