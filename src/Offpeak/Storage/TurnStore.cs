using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Reads and changes of entries whose conversation goes on over several rounds.</summary>
internal sealed class TurnStore(IDbContextFactory<OffpeakDbContext> contexts)
{
    private const int PageSize = 100;

    /// <summary>What the review has to know of some entries; the request only of those whose answer is checked.</summary>
    public async Task<Dictionary<long, EntryReview>> ReviewsAsync(IReadOnlyCollection<long> entryIds, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.AsNoTracking()
            .Where(e => entryIds.Contains(e.Id))
            .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new
            {
                e.Id,
                Review = new EntryReview(
                    e.ValidatesAnswer, e.Turn, e.AnswerRetries, e.OutputRaised, e.ValidatesAnswer ? r.NextBody ?? r.Body : null),
            })
            .ToDictionaryAsync(row => row.Id, row => row.Review, ct);
    }

    /// <summary>Whether any entry of a batch waits for its next turn to be written.</summary>
    public async Task<bool> AnyAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.AnyAsync(e => e.BatchId == batchId && e.Continuation != null && e.Status == EntryStatus.Pending, ct);
    }

    /// <summary>A page of entries that wait for their next turn to be written, in input order.</summary>
    public async Task<List<EntryTurn>> PageAsync(long batchId, long after, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Entries.AsNoTracking()
            .Where(e => e.BatchId == batchId && e.Id > after && e.Continuation != null && e.Status == EntryStatus.Pending)
            .OrderBy(e => e.Id).Take(PageSize)
            .Join(db.EntryRequests, e => e.Id, r => r.EntryId, (e, r) => new { Entry = e, Request = r.NextBody ?? r.Body })
            .Join(db.EntryResults, pair => pair.Entry.Id, r => r.EntryId, (pair, result) => new EntryTurn(
                pair.Entry.Id, pair.Entry.CustomId, pair.Entry.Model, pair.Entry.Continuation!.Value, pair.Entry.ErrorMessage, pair.Request, result.Body))
            .ToListAsync(ct);
    }

    /// <summary>Makes an entry ready for the next round with a new body. Does nothing if another worker was faster.</summary>
    public async Task SaveAsync(EntryTurn turn, byte[] body, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var changed = await Waiting(db, turn).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Continuation, (EntryContinuation?)null);
                set.SetProperty(e => e.RequestBytes, body.Length);
                if (turn.Continuation == EntryContinuation.ToolCalls)
                    set.SetProperty(e => e.Turn, e => e.Turn + 1);
                else if (turn.Continuation == EntryContinuation.OutputLimit)
                    set.SetProperty(e => e.OutputRaised, true);
                else
                    set.SetProperty(e => e.AnswerRetries, e => e.AnswerRetries + 1);
            },
            ct);
        if (changed == 0)
            return;
        await db.EntryRequests.Where(r => r.EntryId == turn.EntryId).ExecuteUpdateAsync(set => set.SetProperty(r => r.NextBody, body), ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Fails an entry whose conversation cannot go on.</summary>
    public async Task FailAsync(EntryTurn turn, string code, string message, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await Waiting(db, turn).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Continuation, (EntryContinuation?)null);
                set.SetProperty(e => e.Status, EntryStatus.Failed);
                set.SetProperty(e => e.ErrorCode, code);
                set.SetProperty(e => e.ErrorMessage, message);
            },
            ct);
    }

    private static IQueryable<BatchEntry> Waiting(OffpeakDbContext db, EntryTurn turn) =>
        db.Entries.Where(e => e.Id == turn.EntryId && e.Status == EntryStatus.Pending && e.Continuation == turn.Continuation && e.ShardId == null);
}
