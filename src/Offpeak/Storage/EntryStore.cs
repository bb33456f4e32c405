using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Providers;

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
        var validates = rows.Any(row => row.ValidatesAnswer);
        var building = await db.Batches
            .Where(b => b.Id == batchId && b.Status == BatchStatus.Building)
            .ExecuteUpdateAsync(
                set =>
                {
                    set.SetProperty(b => b.EntryCount, b => b.EntryCount + rows.Count);
                    set.SetProperty(b => b.ValidatesAnswers, b => b.ValidatesAnswers || validates);
                },
                ct);
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
            .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new ShardRequest(e.Id, r.NextBody ?? r.Body))
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

    /// <summary>Streams a batch's request bodies with their models, in input order.</summary>
    public async IAsyncEnumerable<(string Model, byte[] Body)> ReadRequestsAsync(long batchId, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long after = 0; ;)
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            var page = await db.Entries.AsNoTracking()
                .Where(e => e.BatchId == batchId && e.Id > after)
                .OrderBy(e => e.Id).Take(PageSize)
                .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new { e.Id, e.Model, r.Body })
                .ToListAsync(ct);
            if (page.Count == 0)
                yield break;
            foreach (var row in page)
                yield return (row.Model, row.Body);
            after = page[^1].Id;
        }
    }

    /// <summary>Streams the requests of a shard's entries that have no result yet, in input order.</summary>
    public async IAsyncEnumerable<SubmissionEntry> ReadOpenAsync(long shardId, SubmissionKey key, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long after = 0; ;)
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            var page = await db.Entries.AsNoTracking()
                .Where(e => e.ShardId == shardId && e.Status == EntryStatus.Submitted && e.Id > after)
                .OrderBy(e => e.Id).Take(PageSize)
                .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new ShardRequest(e.Id, r.NextBody ?? r.Body))
                .ToListAsync(ct);
            if (page.Count == 0)
                yield break;
            foreach (var request in page)
                yield return new SubmissionEntry(key.WireId(request.EntryId), request.Body);
            after = page[^1].EntryId;
        }
    }

    /// <summary>How many of the entries that were sent so far were answered, and how many there are.</summary>
    public async Task<(int Answered, int Sent)> CountSentAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var sent = db.Entries.Where(e => e.BatchId == batchId && e.Attempts > 0);
        return (await sent.CountAsync(e => e.Status == EntryStatus.Succeeded || e.Continuation != null, ct), await sent.CountAsync(ct));
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
