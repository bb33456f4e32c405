using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// The right to work on a row, as held by one step of this process. It is renewed while the step works; its token fences what the step
/// writes, so that a worker that was suspended past its lease can write no more.
/// </summary>
internal sealed class Lease(IOffpeakStore store, LeaseKind kind, long id, string token, TimeSpan duration, TimeProvider time)
{
    public string Token => token;

    public TimeSpan Duration => duration;

    /// <summary>Whether a renewal has found that the batch is to be cancelled.</summary>
    public bool CancelRequested { get; private set; }

    private bool IsLost { get; set; }

    /// <summary>Does some work while the lease is kept. The work is stopped when the lease is lost, or on a cancel if it asks for that.</summary>
    /// <exception cref="LeaseLostException">The lease was lost, and the work stopped for that.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken ct, bool stopsOnCancel = false)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var keeping = KeepAsync(stop, stopsOnCancel, done.Token);
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && IsLost)
        {
            throw new LeaseLostException($"{(kind == LeaseKind.Batch ? "batch" : "shard")} {id}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && CancelRequested && stopsOnCancel)
        {
            // What was stopped is settled by whoever acts on the cancel.
        }
        finally
        {
            // Nothing but the timer listens: no thread is needed for that.
            done.Cancel();
            await keeping;
        }
    }

    private async Task KeepAsync(CancellationTokenSource stop, bool stopsOnCancel, CancellationToken done)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(duration / 3, time, done);
                await RenewAsync(done);
                if (IsLost || (CancelRequested && stopsOnCancel))
                    await stop.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done.
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        try
        {
            var state = await store.RenewLeaseAsync(kind, id, token, duration, ct);
            IsLost = !state.IsHeld && !state.IsDone;
            CancelRequested = state.CancelRequested;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // The database is busy or away. The work goes on; should the lease run out meanwhile, the token keeps it from writing.
        }
    }
}

/// <summary>Takes leases in the name of this process.</summary>
internal sealed class Leases(IOffpeakStore store, WorkerIdentity worker, TimeProvider time, Microsoft.Extensions.Options.IOptions<OffpeakOptions> options)
{
    private TimeSpan Duration => options.Value.LeaseDuration;

    /// <summary>The change that takes a row's lease, to go into another change of it, and the lease that is held once that is made.</summary>
    public (LeaseChange Change, Lease Lease) Take(LeaseKind kind, long id, string? owner)
    {
        var token = worker.NewToken();
        return (new LeaseChange(token, Duration, DeadOwner(owner)), new Lease(store, kind, id, token, Duration, time));
    }

    /// <summary>Takes the lease of a shard. Null: somebody holds it or has changed the shard.</summary>
    public async Task<(ShardRow Shard, Lease Lease)?> TryTakeAsync(ShardRow shard, CancellationToken ct)
    {
        var (change, lease) = Take(LeaseKind.Shard, shard.Id, shard.LeaseOwner);
        return await store.TryChangeShardAsync(shard, new ShardChange { Lease = change }, null, ct) is { } held ? (held, lease) : null;
    }

    /// <summary>The owner, if it is certainly dead, so that its lease counts as free; else null.</summary>
    public string? DeadOwner(string? owner) => owner is not null && worker.IsDead(owner) ? owner : null;

    /// <summary>Tokens of live leases whose holders are certainly dead.</summary>
    public async Task<IReadOnlyList<string>> ListDeadOwnersAsync(CancellationToken ct) =>
        [.. (await store.ListLeaseOwnersAsync(ct)).Where(worker.IsDead)];
}
