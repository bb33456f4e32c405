using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Changes of all entries of a shard or batch that go with a change of its row, inside the same transaction.</summary>
internal static class ShardEntries
{
    public static Task<int> MarkSubmittedAsync(this OffpeakDbContext db, long shardId, CancellationToken ct) =>
        db.Entries.Where(e => e.ShardId == shardId && e.Status == EntryStatus.Pending).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Status, EntryStatus.Submitted);
                set.SetProperty(e => e.Attempts, e => e.Attempts + 1);
            },
            ct);

    public static Task<int> TakeBackAsync(this OffpeakDbContext db, long shardId, CancellationToken ct) =>
        db.Entries.Where(e => e.ShardId == shardId && e.Status == EntryStatus.Submitted)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.Status, EntryStatus.Pending), ct);

    /// <summary>Gives entries of a shard that have no result yet a status and the reason for it.</summary>
    public static Task<int> SettleShardAsync(
        this OffpeakDbContext db, long shardId, EntryStatus from, EntryStatus to, string code, string message, CancellationToken ct) =>
        db.Entries.Where(e => e.ShardId == shardId && e.Status == from).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Status, to);
                set.SetProperty(e => e.ErrorCode, code);
                set.SetProperty(e => e.ErrorMessage, message);
                if (to == EntryStatus.Pending)
                    set.SetProperty(e => e.ShardId, (long?)null);
            },
            ct);

    /// <summary>Cancels shards of a batch that were planned and not sent.</summary>
    public static Task<int> CancelPendingAsync(this OffpeakDbContext db, long batchId, DateTimeOffset now, CancellationToken ct)
    {
        var canceled = BatchTransitions.Target(ProviderBatchStatus.Pending, ProviderBatchEvent.Cancel);
        return db.ProviderBatches.Where(p => p.BatchId == batchId && p.Status == ProviderBatchStatus.Pending).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(p => p.Status, canceled);
                set.SetProperty(p => p.EndedAt, now);
                set.SetProperty(p => p.ResultsFetchedAt, now);
                set.SetProperty(p => p.Version, p => p.Version + 1);
            },
            ct);
    }

    /// <summary>How many of some entries belong to a batch.</summary>
    public static Task<int> CountOfBatchAsync(this OffpeakDbContext db, long batchId, long[] entryIds, CancellationToken ct) =>
        db.Entries.CountAsync(e => e.BatchId == batchId && entryIds.Contains(e.Id), ct);

    /// <summary>Gives entries of a batch that wait for a round a status and the reason for it.</summary>
    public static Task<int> SettlePendingAsync(
        this OffpeakDbContext db, long batchId, EntryStatus to, string code, string message, CancellationToken ct) =>
        db.Entries.Where(e => e.BatchId == batchId && e.Status == EntryStatus.Pending).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Status, to);
                set.SetProperty(e => e.ErrorCode, code);
                set.SetProperty(e => e.ErrorMessage, message);
            },
            ct);
}
