using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>How far a batch is.</summary>
/// <param name="Status">Where the batch stands.</param>
/// <param name="Round">The current round, from 1; 0 while building.</param>
/// <param name="Total">Its entries.</param>
/// <param name="Done">Entries at their end, as of the last results read.</param>
/// <param name="ProviderDone">
/// Entries that the providers say they have finished in this round and whose results are not read yet; 0 where they do not say.
/// </param>
/// <param name="Trouble">What holds a shard up, as one sentence; null if nothing does.</param>
public sealed record BatchProgress(BatchStatus Status, int Round, int Total, int Done, int ProviderDone, string? Trouble)
{
    internal static BatchProgress Of(BatchRow batch, IReadOnlyList<ShardRow> shards) => new(
        batch.Status,
        batch.Round,
        batch.EntryCount,
        batch.TerminalCount,
        shards.Where(shard => shard is { ResultsFetchedAt: null, Counts: not null })
            .Sum(shard => Math.Min(shard.EntryCount, (shard.Counts!.Succeeded ?? 0) + (shard.Counts.Failed ?? 0))),
        shards.Select(shard => shard.Status.IsTerminal() ? null : shard.Trouble?.Message).FirstOrDefault(text => text is not null));
}
