using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// The right to write the next turns of a batch, which may run tools: two workers must not run the same call at the same time. Taken under
/// the batch's version and renewed while the tools run.
/// </summary>
internal sealed class TurnLease(
    BatchStore batches, IDbContextFactory<OffpeakDbContext> contexts, WorkerIdentity worker, TimeProvider time, IOptions<OffpeakOptions> options)
{
    private TimeSpan Duration => options.Value.LeaseDuration;

    /// <summary>Does some work under the lease. False: another worker has it, and goes on with the batch itself.</summary>
    /// <exception cref="LeaseLostException">The lease was lost meanwhile.</exception>
    public async Task<bool> TryRunAsync(Batch batch, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        if (!worker.IsFree(batch.LeaseOwner, batch.LeaseUntil, time.GetUtcNow()) || !await TryTakeAsync(batch, ct))
            return false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewal = KeepAsync(batch, stop);
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new LeaseLostException($"the turns of batch {batch.Id}");
        }
        finally
        {
            await stop.CancelAsync();
            await renewal;
            await ReleaseAsync(batch);
        }

        return true;
    }

    private Task<bool> TryTakeAsync(Batch batch, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Duration;
        return batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.LeaseOwner, worker.Owner);
                set.SetProperty(b => b.LeaseUntil, until);
            },
            ct);
    }

    private Task<bool> ReleaseAsync(Batch batch) => batches.TryUpdateAsync(
        batch,
        set =>
        {
            set.SetProperty(b => b.LeaseOwner, (string?)null);
            set.SetProperty(b => b.LeaseUntil, (DateTimeOffset?)null);
        },
        CancellationToken.None);

    private async Task KeepAsync(Batch batch, CancellationTokenSource stop)
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
            // The work is done, or the lease is lost.
        }
    }

    private async Task<bool> TryRenewAsync(Batch batch, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Duration;
        try
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            return await db.Batches.Where(b => b.Id == batch.Id && b.Version == batch.Version && b.LeaseOwner == worker.Owner)
                .ExecuteUpdateAsync(set => set.SetProperty(b => b.LeaseUntil, until), ct) > 0;
        }
        catch (DbException)
        {
            // Busy or away. The work goes on; what it writes is guarded entry by entry.
            return true;
        }
    }
}
