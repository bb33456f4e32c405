using Offpeak.Diagnostics;
using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// The right to work on a row, as held by one step of this process. It is renewed while the step works; its token fences what the step
/// writes, so that a worker that was suspended past its lease can write no more. Work outside the store has no such fence: it is stopped a
/// little before the lease can be another's, whether or not the store can be asked. It is not renewed for ever either: work that never returns
/// must not keep others from giving the row up.
/// </summary>
internal sealed class Lease(
    IOffpeakStore store, LeaseKind kind, long id, string token, TimeSpan duration, TimeSpan longest, TimeProvider time, IErrorReporter errors, FlowProbe probe)
{
    private const string Component = "lease";

    // Who works on must have heard of the end, and have ended, before the next one begins.
    private const double SafePart = 0.9;

    private Moment renewed = Moment.Now(time);
    private Action<TimeSpan>? endAfter;

    public string Token => token;

    public TimeSpan Duration => duration;

    /// <summary>Whether a renewal has found that the batch is to be cancelled.</summary>
    public bool CancelRequested { get; private set; }

    private bool IsTaken { get; set; }

    private TimeSpan Left => (duration * SafePart) - renewed.Age(time);

    /// <summary>
    /// Asked before something begins that cannot be undone: in a process that was suspended, the timers that stop its work are as late as it.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease is lost, or may be by now.</exception>
    public void ThrowIfLost()
    {
        if (IsTaken || Left <= TimeSpan.Zero)
            throw new LeaseLostException(Name);
    }

    /// <summary>Does some work while the lease is kept. The work is stopped when the lease is lost, or on a cancel if it asks for that.</summary>
    /// <exception cref="LeaseLostException">The lease was lost, and the work stopped for that.</exception>
    public Task RunAsync(Func<CancellationToken, Task> work, CancellationToken ct) => RunAsync(work, stopsOnCancel: false, ct);

    /// <inheritdoc cref="RunAsync(Func{CancellationToken, Task}, CancellationToken)"/>
    public async Task RunAsync(Func<CancellationToken, Task> work, bool stopsOnCancel, CancellationToken ct)
    {
        ThrowIfLost();
        using var expiry = new IdleLimit(AtLeastZero(Left), time, Report, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        endAfter = expiry.EndIn;
        var keeping = KeepAsync(stop, stopsOnCancel, done.Token);
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && (IsTaken || expiry.IsPassed))
        {
            throw new LeaseLostException(Name);
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
            endAfter = null;
        }
    }

    /// <summary>As <see cref="RunAsync(Func{CancellationToken, Task}, bool, CancellationToken)"/>, where a lost lease is no error.</summary>
    /// <returns>Whether the work came to its end; false: the lease was lost, and others go on.</returns>
    public async Task<bool> TryRunAsync(Func<CancellationToken, Task> work, bool stopsOnCancel, CancellationToken ct)
    {
        try
        {
            await RunAsync(work, stopsOnCancel, ct);
            return true;
        }
        catch (LeaseLostException)
        {
            probe.Reached(FlowPoint.LostRace);
            return false;
        }
    }

    /// <summary>Renews it now. What throws shows that the store takes nothing at all.</summary>
    public Task<LeaseState> RenewAsync(CancellationToken ct) => store.RenewLeaseAsync(kind, id, token, duration, ct);

    /// <summary>Gives the lease of a shard back, if it is still held; also while the process stops.</summary>
    public async Task ReleaseShardAsync()
    {
        if (await store.FindShardAsync(id, CancellationToken.None) is { } shard)
            await store.TryChangeShardAsync(shard, new ShardChange { Lease = LeaseChange.Release, HeldBy = token }, null, CancellationToken.None);
    }

    /// <summary>
    /// The row is changed by a transaction that is still open: until it ends nobody else can have the lease, and it cannot be renewed either.
    /// </summary>
    public void LeaveToTransaction() => endAfter?.Invoke(Timeout.InfiniteTimeSpan);

    private async Task KeepAsync(CancellationTokenSource stop, bool stopsOnCancel, CancellationToken done)
    {
        try
        {
            var wait = duration / 3;
            var begun = Moment.Now(time);
            while (!stop.IsCancellationRequested && begun.Age(time) < longest)
            {
                await Task.Delay(wait, time, done);
                var isRenewed = await TryRenewAsync(done);
                if (isRenewed)
                    endAfter?.Invoke(AtLeastZero(Left));

                if (IsTaken || (CancelRequested && stopsOnCancel))
                    await stop.StopAsync(Report);

                wait = isRenewed ? duration / 3 : duration / 12;
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done, or stopped.
        }
    }

    private void Report(Exception error) => errors.Report(error, Component, kind == LeaseKind.Batch ? id : null);

    private async Task<bool> TryRenewAsync(CancellationToken ct)
    {
        try
        {
            var asked = Moment.Now(time);
            var state = await RenewAsync(ct);
            IsTaken = !state.IsHeld && !state.IsDone;
            CancelRequested = state.CancelRequested;
            if (!IsTaken)
                renewed = asked;

            return !IsTaken;
        }
        catch (Exception)
        {
            // The database is busy or away. The work goes on until the lease may have run out; if it has ended meanwhile, this is nothing to it.
            return false;
        }
    }

    private string Name => $"{(kind == LeaseKind.Batch ? "batch" : "shard")} {id}";

    private static TimeSpan AtLeastZero(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    /// <summary>By both clocks: the one stands still while a machine sleeps, the other may be set. The larger age counts.</summary>
    private sealed record Moment(long Timestamp, DateTimeOffset Time)
    {
        public static Moment Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

        public TimeSpan Age(TimeProvider time)
        {
            var (run, set) = (time.GetElapsedTime(Timestamp), time.GetUtcNow() - Time);
            return run > set ? run : set;
        }
    }
}

/// <summary>Takes leases in the name of this process.</summary>
internal sealed class Leases(
    IOffpeakStore store,
    WorkerIdentity worker,
    TimeProvider time,
    Microsoft.Extensions.Options.IOptions<OffpeakOptions> options,
    ProviderRegistry providers,
    IErrorReporter errors,
    FlowProbe probe)
{
    private TimeSpan Duration => options.Value.LeaseDuration;

    /// <summary>The change that takes a row's lease, to go into another change of it, and the lease that is held once that is made.</summary>
    /// <param name="kind">What kind of row.</param>
    /// <param name="id">The row.</param>
    /// <param name="owner">Who holds it at present.</param>
    /// <param name="longest">How long it is renewed at most; null: as long as the work takes, for a handler has no time limit.</param>
    public (LeaseChange Change, Lease Lease) Take(LeaseKind kind, long id, string? owner, TimeSpan? longest = null)
    {
        var token = worker.NewToken();
        return (
            new LeaseChange(token, Duration, DeadOwner(owner)),
            new Lease(store, kind, id, token, Duration, longest ?? TimeSpan.MaxValue, time, errors, probe));
    }

    /// <summary>As the other, for a shard: after twice the age at which it is given up, whoever gives it up must not wait for work on it.</summary>
    public (LeaseChange Change, Lease Lease) Take(ShardRow shard) =>
        Take(LeaseKind.Shard, shard.Id, shard.LeaseOwner, 2 * options.Value.LongestReadingOf(shard.Provider, providers));

    /// <summary>Takes the lease of a shard. Null: somebody holds it or has changed the shard.</summary>
    public async Task<(ShardRow Shard, Lease Lease)?> TryTakeAsync(ShardRow shard, CancellationToken ct)
    {
        var (change, lease) = Take(shard);
        return await store.TryChangeShardAsync(shard, new ShardChange { Lease = change }, null, ct) is { } held ? (held, lease) : null;
    }

    /// <summary>The change that fails while a live owner holds the lease, to go into another change of its row.</summary>
    public LeaseChange TakeAway(string? owner) => LeaseChange.TakeAway(DeadOwner(owner));

    /// <summary>Tokens of live leases whose holders are certainly dead.</summary>
    public async Task<IReadOnlyList<string>> ListDeadOwnersAsync(CancellationToken ct) =>
        [.. (await store.ListLeaseOwnersAsync(ct)).Where(worker.IsDead)];

    private string? DeadOwner(string? owner) => owner is not null && worker.IsDead(owner) ? owner : null;
}
