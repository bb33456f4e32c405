using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>An overdue shard that a resume has won: a new poll chain is to begin.</summary>
/// <param name="ShardId">The shard.</param>
/// <param name="BatchId">Its batch.</param>
/// <param name="Generation">The generation that the row holds now.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="WasDueAt">When its poll was due.</param>
/// <param name="ProviderBatchId">The provider's id.</param>
public sealed record ResumedPoll(
    long ShardId, long BatchId, int Generation, ShardStatus Status, DateTimeOffset? WasDueAt, string? ProviderBatchId);
