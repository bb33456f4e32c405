using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>How far a batch is.</summary>
/// <param name="Status">Where the batch stands.</param>
/// <param name="Stage">What it is doing or waiting for.</param>
/// <param name="Round">The current round, from 1; 0 while building.</param>
/// <param name="Total">Its entries.</param>
/// <param name="Done">Entries at their end, as of the last results read.</param>
/// <param name="ProviderDone">
/// Entries that the providers say they have finished in this round and whose results are not read yet; 0 where they do not say.
/// </param>
/// <param name="Trouble">What holds a shard up, as one sentence; null if nothing does.</param>
public sealed record BatchProgress(BatchStatus Status, BatchStage Stage, int Round, int Total, int Done, int ProviderDone, string? Trouble)
{
    internal static BatchProgress Of(BatchRow batch, IReadOnlyList<ShardRow> shards)
    {
        var open = shards.Where(shard => shard.Round == batch.Round && shard.ResultsFetchedAt is null).ToList();
        return new BatchProgress(
            batch.Status,
            StageOf(batch, open),
            batch.Round,
            batch.EntryCount,
            batch.TerminalCount,
            open.Sum(DoneOf),
            open.Select(shard => shard.Status.IsTerminal() ? null : shard.Trouble?.Message).FirstOrDefault(text => text is not null));
    }

    private static int DoneOf(ShardRow shard) =>
        shard.Counts is { } counts ? Math.Min(shard.EntryCount, (counts.Succeeded ?? 0) + (counts.Failed ?? 0)) : 0;

    // The shard that is furthest behind says what the batch waits for.
    private static BatchStage StageOf(BatchRow batch, List<ShardRow> open) => batch.Status switch
    {
        BatchStatus.Building => BatchStage.Building,
        not BatchStatus.Running => BatchStage.Finished,
        _ when open is [] => BatchStage.Finishing,
        _ when open.Exists(shard => shard.Trouble is { IsPaused: true }) => BatchStage.Paused,
        _ when open.Exists(shard => shard.Status == ShardStatus.Unconfirmed) => BatchStage.Confirming,
        _ when open.Exists(shard => shard is { Status: ShardStatus.Pending, Trouble: { } trouble } && trouble.Class == ProviderErrorClass.Capacity) =>
            BatchStage.WaitingForRoom,
        _ when open.Exists(shard => shard is { Status: ShardStatus.Pending, Trouble: not null }) => BatchStage.WaitingToSubmit,
        _ when open.Exists(shard => shard.Status is ShardStatus.Pending or ShardStatus.Submitting) => BatchStage.Submitting,
        _ when open.Exists(shard => shard.Status.IsTerminal()) => BatchStage.ReadingResults,
        _ when open.Exists(shard => shard.Trouble is not null) => BatchStage.Troubled,
        _ => BatchStage.Running,
    };
}
