using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>
/// Writes the shards of a round, one short transaction each. May be interrupted and repeated, also by two workers at once: a shard's number
/// is unique in its round, so the slower one stops.
/// </summary>
internal sealed class ShardPlanner(IDbContextFactory<OffpeakDbContext> contexts)
{
    private const int PageSize = 5_000;

    /// <summary>Plans every waiting entry of a batch into a round.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="round">The round.</param>
    /// <param name="limits">The provider's limits.</param>
    /// <param name="planned">Called after each shard is durable.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="most">Most entries to plan, from the first; the rest waits. Null: all.</param>
    /// <returns>False if another worker plans the same round.</returns>
    public async Task<bool> PlanAsync(
        Batch batch, int round, ProviderCapabilities limits, Action planned, CancellationToken ct, int? most = null)
    {
        var left = most is { } first ? first - await CountPlannedAsync(batch.Id, round, ct) : int.MaxValue;
        while (left > 0 && await NextModelAsync(batch.Id, ct) is { } model)
        {
            var cut = await CutAsync(batch.Id, model, limits with { MaxEntries = Math.Min(limits.MaxEntries, left) }, ct);
            left -= cut.Entries;
            // Nothing left of what was waiting a moment ago: another worker has taken it into a shard of its own.
            if (cut.Entries == 0 || !await WriteAsync(batch, round, model, cut, ct))
                return false;
            planned();
        }

        return true;
    }

    // Of an interrupted planning, some shards may be there already.
    private async Task<int> CountPlannedAsync(long batchId, int round, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.ProviderBatches.Where(p => p.BatchId == batchId && p.Round == round).SumAsync(p => p.EntryCount, ct);
    }

    private async Task<string?> NextModelAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await Waiting(db, batchId).OrderBy(e => e.Id).Select(e => e.Model).FirstOrDefaultAsync(ct);
    }

    private async Task<Cut> CutAsync(long batchId, string model, ProviderCapabilities limits, CancellationToken ct)
    {
        var plan = new ShardPlan(limits, WireIdBytes);
        var cut = default(Cut);
        while (true)
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            var page = await Waiting(db, batchId).Where(e => e.Model == model && e.Id > cut.LastId)
                .OrderBy(e => e.Id).Take(PageSize).Select(e => new { e.Id, e.RequestBytes }).ToListAsync(ct);
            foreach (var entry in page)
            {
                if (!plan.TryTake(entry.RequestBytes))
                    return cut;
                cut = new Cut(cut.FirstId == 0 ? entry.Id : cut.FirstId, entry.Id, plan.Entries, plan.BodyBytes);
            }

            if (page.Count < PageSize)
                return cut;
        }
    }

    private async Task<bool> WriteAsync(Batch batch, int round, string model, Cut cut, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var last = await db.ProviderBatches.Where(p => p.BatchId == batch.Id && p.Round == round).MaxAsync(p => (int?)p.Shard, ct) ?? 0;
        var shard = new ProviderBatch
        {
            BatchId = batch.Id,
            Round = round,
            Shard = last + 1,
            Provider = RoundPolicy.ProviderOf(batch),
            Model = model,
            Endpoint = batch.Endpoint,
            Status = ProviderBatchStatus.Pending,
            SubmissionKey = SubmissionKey.New().Value,
            EntryCount = cut.Entries,
            BodyBytes = cut.BodyBytes,
        };
        db.ProviderBatches.Add(shard);
        await db.SaveChangesAsync(ct);
        var assigned = await Waiting(db, batch.Id).Where(e => e.Model == model && e.Id >= cut.FirstId && e.Id <= cut.LastId)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ShardId, shard.Id), ct);
        if (assigned != cut.Entries)
            return false;
        await transaction.CommitAsync(ct);
        return true;
    }

    private static IQueryable<BatchEntry> Waiting(OffpeakDbContext db, long batchId) =>
        db.Entries.AsNoTracking().Where(e => e.BatchId == batchId && e.Status == EntryStatus.Pending && e.ShardId == null);

    /// <summary>Length of the longest wire id.</summary>
    public static int WireIdBytes { get; } = SubmissionKey.New().WireId(long.MaxValue).Length;

    private readonly record struct Cut(long FirstId, long LastId, int Entries, long BodyBytes);
}
