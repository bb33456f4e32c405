using Offpeak.Batches;

namespace Offpeak;

/// <summary>A batch with its provider batches and the count of its entries at this moment.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="ProviderBatches">Its provider batches, by round and shard.</param>
/// <param name="Counts">Its entries by status.</param>
public sealed record BatchDetails(Batch Batch, IReadOnlyList<ProviderBatch> ProviderBatches, EntryCounts Counts);
