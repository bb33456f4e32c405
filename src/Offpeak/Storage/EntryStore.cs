using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Reads and changes of entries. Everything that may be large is paged by id.</summary>
internal sealed class EntryStore(IDbContextFactory<OffpeakDbContext> contexts, IBulkWriter bulk)
{
    private const int PageSize = 500;

    /// <summary>Adds entries to a batch that is still building.</summary>
    /// <exception cref="OffpeakException">The batch is not building, or a custom id is taken.</exception>
    public async Task AddAsync(long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var building = await db.Batches
            .Where(b => b.Id == batchId && b.Status == BatchStatus.Building)
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.EntryCount, b => b.EntryCount + rows.Count), ct);
        if (building == 0)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} takes no more entries: it was already submitted or does not exist.");
        await bulk.InsertEntriesAsync(db, batchId, rows, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Which of some custom ids a batch already has.</summary>
    public async Task<string?> FindTakenAsync(long batchId, IEnumerable<string> customIds, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.Where(e => e.BatchId == batchId && customIds.Contains(e.CustomId)).Select(e => e.CustomId).FirstOrDefaultAsync(ct);
    }

    /// <summary>Entries of a batch, in input order.</summary>
    public async Task<List<BatchEntry>> PageAsync(long batchId, long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.AsNoTracking()
            .Where(e => e.BatchId == batchId && e.Id > after).OrderBy(e => e.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Entries of a batch with their response bodies (empty if there is none), in input order.</summary>
    public async IAsyncEnumerable<(BatchEntry Entry, byte[] Body)> ReadResultsAsync(
        long batchId, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long after = 0; ;)
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            var page = await db.Entries.AsNoTracking()
                .Where(e => e.BatchId == batchId && e.Id > after)
                .OrderBy(e => e.Id).Take(PageSize)
                .GroupJoin(db.EntryResults, e => e.Id, r => r.EntryId, (entry, results) => new { entry, results })
                .SelectMany(pair => pair.results.DefaultIfEmpty(), (pair, result) => new { pair.entry, body = result == null ? null : result.Body })
                .OrderBy(row => row.entry.Id)
                .ToListAsync(ct);
            if (page.Count == 0)
                yield break;
            foreach (var row in page)
                yield return (row.entry, row.body ?? []);
            after = page[^1].entry.Id;
        }
    }

    /// <summary>A page of a shard's request bodies, in input order.</summary>
    public async Task<List<ShardRequest>> PageRequestsAsync(long shardId, long after, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.AsNoTracking()
            .Where(e => e.ShardId == shardId && e.Id > after)
            .OrderBy(e => e.Id).Take(PageSize)
            .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new ShardRequest(e.Id, r.Body))
            .ToListAsync(ct);
    }

    /// <summary>Sum of the lengths, in characters, of a shard's entry ids.</summary>
    public async Task<long> SumIdLengthsAsync(long shardId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.Where(e => e.ShardId == shardId).SumAsync(e => (long)e.Id.ToString().Length, ct);
    }

    /// <summary>Entries of a batch by status.</summary>
    public async Task<EntryCounts> CountAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var counts = await db.Entries.Where(e => e.BatchId == batchId)
            .GroupBy(e => e.Status).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count, ct);
        int Of(EntryStatus status) => counts.GetValueOrDefault(status);
        return new EntryCounts(
            Of(EntryStatus.Pending), Of(EntryStatus.Submitted), Of(EntryStatus.Succeeded),
            Of(EntryStatus.Failed), Of(EntryStatus.Canceled), Of(EntryStatus.Expired));
    }

    /// <summary>Bytes of a batch's request bodies, by model.</summary>
    public async Task<List<(string Model, long Bytes)>> SumBytesAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var sums = await db.Entries.AsNoTracking().Where(e => e.BatchId == batchId)
            .GroupBy(e => e.Model, (model, entries) => new { Model = model, Bytes = entries.Sum(e => (long)e.RequestBytes) }).ToListAsync(ct);
        return sums.ConvertAll(sum => (sum.Model, sum.Bytes));
    }

    /// <summary>Counts, tokens and cost of a batch's entries. Costs are added as decimals, in this process.</summary>
    public async Task<EntryTotals> TotalAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        long? input = null, output = null;
        decimal? cost = null;
        await foreach (var row in db.Entries.AsNoTracking()
            .Where(e => e.BatchId == batchId && (e.InputTokens != null || e.OutputTokens != null || e.Cost != null))
            .Select(e => new { e.InputTokens, e.OutputTokens, e.Cost }).AsAsyncEnumerable().WithCancellation(ct))
        {
            input = row.InputTokens is null ? input : (input ?? 0) + row.InputTokens;
            output = row.OutputTokens is null ? output : (output ?? 0) + row.OutputTokens;
            cost = row.Cost is null ? cost : (cost ?? 0) + row.Cost;
        }

        return new EntryTotals(await CountAsync(batchId, ct), input, output, cost);
    }
}
