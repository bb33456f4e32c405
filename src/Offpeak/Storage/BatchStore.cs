using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Reads and guarded changes of batches.</summary>
internal sealed class BatchStore(IDbContextFactory<OffpeakDbContext> contexts)
{
    public async Task CreateAsync(Batch batch, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        db.Batches.Add(batch);
        await db.SaveChangesAsync(ct);
    }

    public async Task<Batch?> FindAsync(long id, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Batches.AsNoTracking().FirstOrDefaultAsync(b => b.Id == id, ct);
    }

    public async Task<Batch> GetAsync(long id, CancellationToken ct) => await FindAsync(id, ct)
        ?? throw new OffpeakException(OffpeakErrorCode.BatchNotFound, $"There is no batch {id}; 'offpeak list' shows the batches there are.");

    public async Task<Batch?> FindByInputKeyAsync(string inputKey, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Batches.AsNoTracking().FirstOrDefaultAsync(b => b.InputKey == inputKey, ct);
    }

    /// <summary>Takes the input key away from the batch that has it, so that a new batch can have it.</summary>
    public async Task ReleaseInputKeyAsync(string inputKey, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await db.Batches.Where(b => b.InputKey == inputKey).ExecuteUpdateAsync(set => set.SetProperty(b => b.InputKey, (string?)null), ct);
    }

    /// <summary>Batches from the newest to the oldest.</summary>
    public async Task<List<Batch>> ListAsync(int limit, long? before, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var query = db.Batches.AsNoTracking();
        if (before is { } id)
            query = query.Where(b => b.Id < id);
        return await query.OrderByDescending(b => b.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Makes the move an event causes, unless somebody has changed the batch since it was read. False: the race was lost.</summary>
    public Task<bool> TryMoveAsync(Batch batch, BatchEvent cause, Action<UpdateSettersBuilder<Batch>>? more, CancellationToken ct)
    {
        var target = BatchTransitions.Target(batch.Status, cause);
        return TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.Status, target);
                more?.Invoke(set);
            },
            ct,
            target);
    }

    /// <summary>Changes a batch, unless somebody has changed it since it was read. False: the race was lost.</summary>
    public async Task<bool> TryUpdateAsync(
        Batch batch, Action<UpdateSettersBuilder<Batch>> change, CancellationToken ct, BatchStatus? newStatus = null)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var rows = await db.Batches
            .Where(b => b.Id == batch.Id && b.Status == batch.Status && b.Version == batch.Version)
            .ExecuteUpdateAsync(
                set =>
                {
                    set.SetProperty(b => b.Version, b => b.Version + 1);
                    change(set);
                },
                ct);
        if (rows == 0)
            return false;
        batch.Version++;
        batch.Status = newStatus ?? batch.Status;
        return true;
    }

    /// <summary>Notes that the user wants the batch cancelled. Idempotent; not guarded by version, because it only ever adds a wish.</summary>
    public async Task RequestCancelAsync(long id, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await db.Batches
            .Where(b => b.Id == id && b.CancelRequestedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.CancelRequestedAt, now), ct);
    }

    /// <summary>
    /// Writes entry counts, tokens and cost, unless the batch has moved on since it was read: sums from before must not replace those it
    /// finished with. A known cost is never replaced by an unknown one.
    /// </summary>
    public async Task RollUpAsync(Batch batch, EntryTotals totals, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await db.Batches.Where(b => b.Id == batch.Id && b.Version == batch.Version).ExecuteUpdateAsync(set => totals.Apply(set), ct);
    }

    /// <summary>Running batches none of whose provider batches in the current round is still open: their next step was lost.</summary>
    public async Task<List<long>> FindStuckBetweenStepsAsync(long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Batches.AsNoTracking()
            .Where(b => b.Id > after && b.Status == BatchStatus.Running)
            .Where(b => !db.ProviderBatches.Any(p => p.BatchId == b.Id && p.Round == b.Round && p.ResultsFetchedAt == null))
            .OrderBy(b => b.Id).Select(b => b.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Finished batches whose handler is due.</summary>
    public async Task<List<Batch>> FindDueDispatchesAsync(DateTimeOffset now, long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Batches.AsNoTracking()
            .Where(b => b.Id > after && b.NextDispatchAt <= now)
            .OrderBy(b => b.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Batches that finished before a moment.</summary>
    public async Task<List<long>> FindFinishedBeforeAsync(DateTimeOffset cutoff, long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.Batches.AsNoTracking()
            .Where(b => b.Id > after && b.FinishedAt <= cutoff && b.NextDispatchAt == null)
            .OrderBy(b => b.Id).Select(b => b.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Deletes a batch with everything that belongs to it, entries in steps so that no transaction is long.</summary>
    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        const int Step = 2_000;
        await using var db = await contexts.CreateDbContextAsync(ct);
        while (true)
        {
            var ids = await db.Entries.Where(e => e.BatchId == id).OrderBy(e => e.Id).Select(e => e.Id).Take(Step).ToListAsync(ct);
            if (ids.Count == 0)
                break;
            var (first, last) = (ids[0], ids[^1]);
            await db.Entries.Where(e => e.BatchId == id && e.Id >= first && e.Id <= last).ExecuteDeleteAsync(ct);
        }

        await db.Batches.Where(b => b.Id == id).ExecuteDeleteAsync(ct);
    }
}
