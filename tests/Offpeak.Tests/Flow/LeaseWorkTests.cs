using Offpeak.Flow;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>What happens to work whose lease is lost, or whose batch is to be cancelled, while it runs.</summary>
public sealed class LeaseWorkTests
{
    [Fact]
    public async Task Work_on_a_shard_stops_when_its_lease_is_lost_and_says_which()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var (shard, lease) = (await engine.Get<Leases>().TryTakeAsync(await engine.ShardAsync(id), CancellationToken.None))!.Value;
        await engine.ExecuteAsync("UPDATE offpeak_shards SET lease_owner = 'thief';");

        var lost = await Assert.ThrowsAsync<LeaseLostException>(() => RunAsync(engine, lease, stopsOnCancel: false));

        Assert.Contains($"shard {shard.Id}", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_on_a_batch_stops_when_its_lease_is_lost_and_says_which()
    {
        await using var engine = await Engine.StartAsync();
        var (id, lease) = await TakeAsync(engine);
        await engine.ExecuteAsync("UPDATE offpeak_batches SET lease_owner = 'thief';");

        var lost = await Assert.ThrowsAsync<LeaseLostException>(() => RunAsync(engine, lease, stopsOnCancel: true));

        Assert.Contains($"batch {id}", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_is_to_stop_on_a_cancel_stops_without_an_error()
    {
        await using var engine = await Engine.StartAsync();
        var (id, lease) = await TakeAsync(engine);
        await engine.Store.RequestCancelAsync(id, CancellationToken.None);

        await RunAsync(engine, lease, stopsOnCancel: true);

        Assert.True(lease.CancelRequested);
    }

    [Fact]
    public async Task Work_that_is_not_to_stop_on_a_cancel_goes_on_to_its_end()
    {
        await using var engine = await Engine.StartAsync();
        var (id, lease) = await TakeAsync(engine);
        await engine.Store.RequestCancelAsync(id, CancellationToken.None);
        var gate = new TaskCompletionSource();
        var stopped = false;

        var work = lease.RunAsync(
            async token =>
            {
                await gate.Task;
                stopped = token.IsCancellationRequested;
            },
            CancellationToken.None);
        // The second renewal begins after all that the first one leads to.
        var renewals = 0;
        engine.Hooks.OnVerb = verb => renewals += verb == nameof(IOffpeakStore.RenewLeaseAsync) ? 1 : 0;
        while (renewals < 2)
        {
            engine.Time.Advance(lease.Duration / 3);
            await Task.Yield();
        }

        gate.SetResult();
        await work;

        Assert.Equal((true, false), (lease.CancelRequested, stopped));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_that_cancels_itself_is_no_lost_lease(bool stopsOnCancel)
    {
        await using var engine = await Engine.StartAsync();
        var (_, lease) = await TakeAsync(engine);

        await Assert.ThrowsAsync<OperationCanceledException>(
            () => lease.RunAsync(_ => throw new OperationCanceledException("of its own"), stopsOnCancel, CancellationToken.None));
    }

    [Fact]
    public async Task Work_that_its_caller_stops_is_no_lost_lease()
    {
        await using var engine = await Engine.StartAsync();
        var (_, lease) = await TakeAsync(engine);
        using var stop = new CancellationTokenSource();

        var work = lease.RunAsync(token => new TaskCompletionSource().Task.WaitAsync(token), stopsOnCancel: true, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    [Fact]
    public async Task Work_whose_renewal_fails_for_a_moment_goes_on_and_the_lease_is_renewed_soon_after()
    {
        await using var engine = await Engine.StartAsync();
        var (_, lease) = await TakeAsync(engine);
        var gate = new TaskCompletionSource();
        var renewals = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == nameof(IOffpeakStore.RenewLeaseAsync) && Interlocked.Increment(ref renewals) == 1)
                throw new InvalidOperationException("The database is away.");
        };
        var work = lease.RunAsync(token => gate.Task.WaitAsync(token), CancellationToken.None);

        await RenewedAsync(lease.Duration / 3, 1);
        await RenewedAsync(lease.Duration / 12, 2);
        // Past the end of the first, which the second has put off.
        engine.Time.Advance(lease.Duration / 3);
        engine.Time.Advance(lease.Duration / 3);
        gate.SetResult();

        await work;

        async Task RenewedAsync(TimeSpan after, int count)
        {
            engine.Time.Advance(after);
            for (var left = 100_000; renewals < count && left > 0; left--)
                await Task.Yield();
            Assert.Equal(count, renewals);
        }
    }

    [Fact]
    public async Task Work_that_has_ended_is_not_failed_by_a_renewal_that_fails_after_it()
    {
        await using var engine = await Engine.StartAsync();
        var (_, lease) = await TakeAsync(engine);
        var renewing = new TaskCompletionSource();
        using var gate = new ManualResetEventSlim();
        engine.Hooks.OnVerb = verb =>
        {
            if (verb != nameof(IOffpeakStore.RenewLeaseAsync))
                return;

            renewing.SetResult();
            gate.Wait();
            throw new IOException("The connection was lost.");
        };
        // What waits for it goes on at once, on the thread that sets it.
        var end = new TaskCompletionSource();
        var work = lease.RunAsync(_ => end.Task, CancellationToken.None);
        var clock = Task.Run(() => engine.Time.Advance(lease.Duration / 3));
        await renewing.Task;

        end.SetResult();
        gate.Set();

        await clock;
        await work;
    }

    private static async Task<(long Id, Lease Lease)> TakeAsync(Engine engine)
    {
        var id = await engine.SubmitAsync();
        var batch = await engine.BatchAsync(id);
        var (take, lease) = engine.Get<Leases>().Take(LeaseKind.Batch, id, batch.LeaseOwner);
        Assert.NotNull(await engine.Store.TryChangeBatchAsync(batch, new BatchChange { Lease = take }, CancellationToken.None));
        return (id, lease);
    }

    // Works until it is stopped, which the first renewal does.
    private static async Task RunAsync(Engine engine, Lease lease, bool stopsOnCancel)
    {
        var work = lease.RunAsync(token => new TaskCompletionSource().Task.WaitAsync(token), stopsOnCancel, CancellationToken.None);
        engine.Time.Advance(lease.Duration / 3);
        await work.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
