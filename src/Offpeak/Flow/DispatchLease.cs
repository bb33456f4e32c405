using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>The right to run a batch's handler. The batch's version is the fencing token: a stale run can no longer mark it done.</summary>
internal sealed class DispatchLease(
    BatchStore batches, IDbContextFactory<OffpeakDbContext> contexts, WorkerIdentity worker, TimeProvider time,
    Microsoft.Extensions.Options.IOptions<OffpeakOptions> options)
{
    private TimeSpan Duration => options.Value.LeaseDuration;

    public bool IsFree(Batch batch) => worker.IsFree(batch.LeaseOwner, batch.LeaseUntil, time.GetUtcNow());

    public Task<bool> TryTakeAsync(Batch batch, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Duration;
        return batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.LeaseOwner, worker.Owner);
                set.SetProperty(b => b.LeaseUntil, until);
                set.SetProperty(b => b.DispatchAttempt, b => b.DispatchAttempt + 1);
            },
            ct);
    }

    /// <summary>Renews the lease until stopped; stops the handler if it is lost.</summary>
    public async Task KeepAsync(Batch batch, CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Duration / 3, time, stop.Token);
                if (!await TryRenewAsync(batch, stop.Token))
                    await stop.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The handler has returned, or the lease is lost.
        }
    }

    public async Task CompleteAsync(Batch batch, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await CompleteAsync(db, batch, ct);
    }

    /// <summary>Marks the dispatch done on the handler's own connection and transaction.</summary>
    public async Task CompleteInAsync(Batch batch, DbTransaction transaction, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var connection = transaction.Connection
            ?? throw new InvalidOperationException("The transaction has already ended; call CompleteInAsync before it commits.");
        db.Database.SetDbConnection(connection, contextOwnsConnection: false);
        await db.Database.UseTransactionAsync(transaction, ct);
        try
        {
            await CompleteAsync(db, batch, ct);
        }
        catch (LeaseLostException lost)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidState, lost.Message, lost);
        }
    }

    public Task<bool> TryReleaseAsync(Batch batch, DateTimeOffset next, string? error) => batches.TryUpdateAsync(
        batch,
        set =>
        {
            set.SetProperty(b => b.NextDispatchAt, next);
            set.SetProperty(b => b.DispatchError, error);
            set.SetProperty(b => b.LeaseOwner, (string?)null);
            set.SetProperty(b => b.LeaseUntil, (DateTimeOffset?)null);
        },
        CancellationToken.None);

    public Task<bool> TryParkAsync(Batch batch, string error)
    {
        var now = time.GetUtcNow();
        return batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.NextDispatchAt, (DateTimeOffset?)null);
                set.SetProperty(b => b.DispatchParkedAt, now);
                set.SetProperty(b => b.DispatchError, error);
                set.SetProperty(b => b.LeaseOwner, (string?)null);
                set.SetProperty(b => b.LeaseUntil, (DateTimeOffset?)null);
            },
            CancellationToken.None);
    }

    private async Task CompleteAsync(OffpeakDbContext db, Batch batch, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var done = await Held(db, batch).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(b => b.HandlerDispatchedAt, now);
                set.SetProperty(b => b.NextDispatchAt, (DateTimeOffset?)null);
                set.SetProperty(b => b.DispatchError, (string?)null);
                set.SetProperty(b => b.LeaseOwner, (string?)null);
                set.SetProperty(b => b.LeaseUntil, (DateTimeOffset?)null);
                set.SetProperty(b => b.Version, b => b.Version + 1);
            },
            ct);
        if (done == 0 && !await IsDoneAsync(db, batch, ct))
            throw new LeaseLostException($"the handler of batch {batch.Id}");
    }

    private async Task<bool> TryRenewAsync(Batch batch, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var until = time.GetUtcNow() + Duration;
        try
        {
            return await Held(db, batch).ExecuteUpdateAsync(set => set.SetProperty(b => b.LeaseUntil, until), ct) > 0
                || await IsDoneAsync(db, batch, ct);
        }
        catch (DbException)
        {
            // The database is busy or away. The handler goes on; should the lease run out meanwhile, the version keeps it from being marked done.
            return true;
        }
    }

    private IQueryable<Batch> Held(OffpeakDbContext db, Batch batch) =>
        db.Batches.Where(b => b.Id == batch.Id && b.Version == batch.Version && b.LeaseOwner == worker.Owner);

    private static Task<bool> IsDoneAsync(OffpeakDbContext db, Batch batch, CancellationToken ct) =>
        db.Batches.AnyAsync(b => b.Id == batch.Id && b.DispatchId == batch.DispatchId && b.HandlerDispatchedAt != null, ct);
}
