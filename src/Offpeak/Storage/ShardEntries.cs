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
