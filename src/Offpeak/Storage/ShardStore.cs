using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Offpeak.Batches;
using Offpeak.Diagnostics;

namespace Offpeak.Storage;

/// <summary>Reads and guarded changes of provider batches. A lease is taken by a guarded change too, so the version is its fencing token.</summary>
internal sealed class ShardStore(IDbContextFactory<OffpeakDbContext> contexts, WorkerIdentity worker, TimeProvider time, FlowProbe probe)
{
    public async Task<ProviderBatch?> FindAsync(long id, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.ProviderBatches.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, ct);
    }

    public async Task<List<ProviderBatch>> ListAsync(long batchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.ProviderBatches.AsNoTracking()
            .Where(p => p.BatchId == batchId).OrderBy(p => p.Round).ThenBy(p => p.Shard).ToListAsync(ct);
    }

    /// <summary>Whether the lease may be taken: it is free, run out, or held by a process that is certainly dead.</summary>
    public bool IsFree(ProviderBatch shard) => worker.IsFree(shard.LeaseOwner, shard.LeaseUntil, time.GetUtcNow());

    /// <summary>Whether this worker has the lease.</summary>
    public bool Holds(ProviderBatch shard) => shard.LeaseOwner == worker.Owner;

    /// <summary>Takes the lease, unless somebody else holds it or has changed the row since it was read.</summary>
    public async Task<bool> TryLeaseAsync(ProviderBatch shard, TimeSpan duration, CancellationToken ct)
    {
        if (!IsFree(shard))
            return Lost();
        var until = time.GetUtcNow() + duration;
        return await TryUpdateAsync(shard, set => Lease(set, until), ct);
    }

    /// <summary>Makes the move an event causes and takes the lease in the same statement.</summary>
    public Task<bool> TryMoveAndLeaseAsync(
        ProviderBatch shard, ProviderBatchEvent cause, TimeSpan duration, Action<UpdateSettersBuilder<ProviderBatch>> more, CancellationToken ct)
    {
        var until = time.GetUtcNow() + duration;
        return TryMoveAsync(
            shard,
            cause,
            set =>
            {
                Lease(set, until);
                more(set);
            },
            ct);
    }

    /// <summary>Makes the move an event causes, unless somebody has changed the row since it was read. False: the race was lost.</summary>
    /// <param name="shard">The row as it was read; its status and version follow the change.</param>
    /// <param name="cause">The event.</param>
    /// <param name="more">Further columns to set in the same statement.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="also">Changes to other tables that belong to the same transaction.</param>
    public Task<bool> TryMoveAsync(
        ProviderBatch shard,
        ProviderBatchEvent cause,
        Action<UpdateSettersBuilder<ProviderBatch>> more,
        CancellationToken ct,
        Func<OffpeakDbContext, Task>? also = null)
    {
        var target = BatchTransitions.Target(shard.Status, cause);
        return TryUpdateAsync(
            shard,
            set =>
            {
                set.SetProperty(p => p.Status, target);
                more(set);
            },
            ct,
            target,
            also);
    }

    /// <summary>Changes a row, unless somebody has changed it since it was read. False: the race was lost.</summary>
    public async Task<bool> TryUpdateAsync(
        ProviderBatch shard,
        Action<UpdateSettersBuilder<ProviderBatch>> change,
        CancellationToken ct,
        ProviderBatchStatus? newStatus = null,
        Func<OffpeakDbContext, Task>? also = null)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = also is null ? null : await db.Database.BeginTransactionAsync(ct);
        var rows = await db.ProviderBatches
            .Where(p => p.Id == shard.Id && p.Status == shard.Status && p.Version == shard.Version)
            .ExecuteUpdateAsync(
                set =>
                {
                    set.SetProperty(p => p.Version, p => p.Version + 1);
                    change(set);
                },
                ct);
        if (rows == 0)
            return Lost();
        if (also is not null)
            await also(db);
        if (transaction is not null)
            await transaction.CommitAsync(ct);
        shard.Version++;
        shard.Status = newStatus ?? shard.Status;
        return true;
    }

    /// <summary>Notes a double. Not guarded by version, because it only ever adds; two workers that add at once both succeed.</summary>
    public async Task AddDoubleAsync(long id, string providerBatchId, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        while (await db.ProviderBatches.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, ct) is { DuplicateIds: var known })
        {
            var all = ProviderStateJson.WriteIds([.. ProviderStateJson.ReadIds(known), providerBatchId]);
            if (await db.ProviderBatches.Where(p => p.Id == id && p.DuplicateIds == known)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.DuplicateIds, all), ct) > 0)
            {
                return;
            }
        }
    }

    /// <summary>Prolongs a lease this worker holds.</summary>
    /// <exception cref="LeaseLostException">It is held no longer.</exception>
    public async Task RenewAsync(ProviderBatch shard, TimeSpan duration, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await RenewAsync(db, shard, duration, ct);
    }

    /// <summary>Prolongs a lease inside the caller's transaction, which so becomes fenced: it cannot commit once the lease is lost.</summary>
    /// <exception cref="LeaseLostException">It is held no longer.</exception>
    public async Task RenewAsync(OffpeakDbContext db, ProviderBatch shard, TimeSpan duration, CancellationToken ct)
    {
        var until = time.GetUtcNow() + duration;
        var rows = await db.ProviderBatches
            .Where(p => p.Id == shard.Id && p.Version == shard.Version && p.LeaseOwner == worker.Owner)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.LeaseUntil, until), ct);
        if (rows == 0)
            throw new LeaseLostException($"provider batch {shard.Id}");
    }

    public static void ReleaseLease(UpdateSettersBuilder<ProviderBatch> set)
    {
        set.SetProperty(p => p.LeaseOwner, (string?)null);
        set.SetProperty(p => p.LeaseUntil, (DateTimeOffset?)null);
    }

    private void Lease(UpdateSettersBuilder<ProviderBatch> set, DateTimeOffset until)
    {
        set.SetProperty(p => p.LeaseOwner, worker.Owner);
        set.SetProperty(p => p.LeaseUntil, until);
    }

    private bool Lost()
    {
        probe.Reached(FlowPoint.LostRace);
        return false;
    }
}
