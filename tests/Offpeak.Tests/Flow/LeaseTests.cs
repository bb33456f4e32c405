using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>Leases and their fencing: two workers on one database and one clock.</summary>
public sealed class LeaseTests
{
    [Fact]
    public async Task Poll_under_way_elsewhere_keeps_other_workers_out()
    {
        using var world = new World();
        await using var one = await StartAsync(world, "one");
        await using var two = await StartAsync(world, "two");
        var id = await one.SubmitAsync();
        world.Provider.OnStatus = async batch =>
        {
            world.Provider.OnStatus = null;
            await two.PollAsync(id);
            return batch.Snapshot;
        };

        await one.PollAsync(id);

        Assert.Equal(1, world.Provider.StatusReads);
    }

    [Fact]
    public async Task Poll_whose_lease_ran_out_and_was_taken_cannot_write()
    {
        using var world = new World();
        await using var stale = await StartAsync(world, "stale");
        await using var next = await StartAsync(world, "next");
        var id = await stale.SubmitAsync(2);
        world.Provider.OnStatus = async batch =>
        {
            world.Provider.OnStatus = null;
            stale.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            world.Provider.Set(ProviderBatchState.Ended);
            await next.PollAsync(id);
            stale.Clock.IsSuspended = false;
            return new ProviderSnapshot { State = ProviderBatchState.Failed, Failure = new(ProviderErrorClass.Refused, "stale", "Stale news.") };
        };

        await stale.PollAsync(id);

        Assert.Equal((ShardStatus.Ended, null), ((await next.ShardAsync(id)).Status, (await next.ShardAsync(id)).FailureReason));
        Assert.Equal((BatchStatus.Completed, 2), ((await next.BatchAsync(id)).Status, (await next.BatchAsync(id)).SucceededCount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Reading_whose_lease_ran_out_and_was_taken_cannot_apply_or_close(int staleLines)
    {
        using var world = new World();
        var suspended = false;
        await using var next = await StartAsync(world, "next");
        Engine? stale = null;
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (point != FlowPoint.EndRecorded || suspended)
                    return;
                suspended = true;
                stale!.Clock.IsSuspended = true;
                world.Time.Advance(TimeSpan.FromMinutes(3));
                Assert.NotNull(next.Get<Offpeak.Flow.Leases>().TryTakeAsync(next.ShardAsync(1).GetAwaiter().GetResult(), default).GetAwaiter().GetResult());
            },
        };
        await using var started = stale = await StartAsync(world, "stale", probe);
        var id = await stale.SubmitAsync(3);
        world.Provider.Set(ProviderBatchState.Ended);
        world.Provider.OnResults = batch => batch.Entries.Take(staleLines).Select(entry => Results.Ok(entry.WireId, "stale"));

        await stale.PollAsync(id);

        var shard = await stale.ShardAsync(id);
        Assert.Equal((null, "next"), (shard.ResultsFetchedAt, shard.LeaseOwner!.Split('|')[0]));
        Assert.Equal(3, (await stale.CountsAsync(id)).Submitted);
    }

    [Theory]
    [InlineData(nameof(LeaseKind.Shard))]
    [InlineData(nameof(LeaseKind.Batch))]
    public async Task Work_whose_lease_cannot_be_renewed_is_stopped_before_the_lease_runs_out(string kind)
    {
        await using var engine = await Engine.StartAsync();
        var (change, lease) = engine.Get<Offpeak.Flow.Leases>().Take(Enum.Parse<LeaseKind>(kind), 1, null);
        engine.Hooks.OnVerb = _ => throw new InvalidOperationException("The database cannot be reached.");
        var stopped = CancellationToken.None;
        var work = lease.RunAsync(
            token =>
            {
                stopped = token;
                return Task.Delay(Timeout.InfiniteTimeSpan, engine.Time, token);
            },
            CancellationToken.None);

        engine.Time.Advance(change.Duration * 0.8);
        Assert.False(stopped.IsCancellationRequested);
        engine.Time.Advance(change.Duration * 0.15);

        Assert.True(stopped.IsCancellationRequested);
        await Assert.ThrowsAsync<LeaseLostException>(() => work);
        Assert.Throws<LeaseLostException>(lease.ThrowIfLost);
    }

    [Fact]
    public async Task Work_is_not_begun_by_a_process_that_was_suspended_past_its_lease()
    {
        await using var engine = await Engine.StartAsync();
        var (change, lease) = engine.Get<Offpeak.Flow.Leases>().Take(LeaseKind.Shard, 1, null);
        engine.Time.Advance(change.Duration);

        await Assert.ThrowsAsync<LeaseLostException>(() => lease.RunAsync(_ => throw new InvalidOperationException("begun"), CancellationToken.None));
    }

    [Fact]
    public async Task Lease_of_a_dead_process_is_taken_at_once()
    {
        using var world = new World();
        await using var one = await StartAsync(world, "one");
        var id = await one.SubmitAsync();
        await HoldAsync(one, id, "dead");
        var worker = new TestWorker("two");
        worker.Dead.Add("dead");
        await using var two = await Engine.StartAsync(world, more: services => services.AddSingleton<WorkerIdentity>(worker));
        world.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(1, (await two.Resume.RunOnceAsync()).Acted);
        await two.PollAsync(id);
        Assert.Equal(1, world.Provider.StatusReads);
    }

    [Fact]
    public async Task Lease_of_a_live_process_or_another_machine_is_not_taken_before_it_runs_out()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromMinutes(7));
        await HoldAsync(engine, id, "elsewhere");
        Assert.Equal(default, await engine.Resume.RunOnceAsync());
        await engine.PollAsync(id);
        Assert.Equal(0, engine.Provider.StatusReads);

        engine.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(1, (await engine.Resume.RunOnceAsync()).Acted);
        await engine.PollAsync(id);
        Assert.Equal(1, engine.Provider.StatusReads);
    }

    [Fact]
    public void Owner_is_unique_per_process_start()
    {
        Assert.NotEqual(new WorkerIdentity().Owner, new WorkerIdentity().Owner);
    }

    [Fact]
    public void Owner_of_this_process_is_alive_and_its_own_lease_counts_as_held()
    {
        var worker = new WorkerIdentity();

        Assert.False(worker.IsDead(worker.Owner));
        Assert.False(worker.IsDead(worker.NewToken()));
        Assert.NotEqual(worker.NewToken(), worker.NewToken());
    }

    [Fact]
    public void Owner_whose_process_id_belongs_to_a_later_process_is_dead()
    {
        var worker = new WorkerIdentity();
        var parts = worker.Owner.Split('|');

        Assert.True(worker.IsDead(string.Join('|', parts[0], parts[1], parts[2] + "1", parts[3])));
        Assert.True(worker.IsDead(string.Join('|', parts[0], int.MaxValue, "5", parts[3])));
        Assert.False(worker.IsDead(string.Join('|', "other-machine", int.MaxValue, "5", parts[3])));
        Assert.False(worker.IsDead("nonsense"));
    }

    [Fact]
    public void Owner_that_runs_but_cannot_be_seen_is_not_taken_for_dead()
    {
        var worker = new ShortSighted();
        var parts = worker.Owner.Split('|');

        Assert.False(worker.IsDead(string.Join('|', parts[0], parts[1], "5", parts[3])));
        Assert.True(worker.IsDead(string.Join('|', parts[0], int.MaxValue, "5", parts[3])));
    }

    [Fact]
    public void Owner_of_which_nobody_knows_when_it_was_started_is_not_taken_for_dead()
    {
        var worker = new WorkerIdentity();
        var parts = worker.Owner.Split('|');

        Assert.False(worker.IsDead(string.Join('|', parts[0], parts[1], "", parts[3])));
    }

    [Fact]
    public void Owner_of_another_machine_with_the_same_name_and_namespace_is_not_taken_for_dead()
    {
        // All Linux machines share the number of their first namespace, and cloned ones the name: only the boot differs.
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        var worker = new WorkerIdentity();
        var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        var parts = worker.Owner.Split('|');
        Assert.Contains(boot, parts[0], StringComparison.Ordinal);
        var elsewhere = parts[0].Replace(boot, Guid.NewGuid().ToString(), StringComparison.Ordinal);

        Assert.True(worker.IsDead(string.Join('|', parts[0], int.MaxValue, "5", parts[3])));
        Assert.False(worker.IsDead(string.Join('|', elsewhere, int.MaxValue, "5", parts[3])));
    }

    private static Task<Engine> StartAsync(World world, string name, FlowProbe? probe = null) => Engine.StartAsync(
        world, more: services => services.AddSingleton<WorkerIdentity>(new TestWorker(name)).AddSingleton(probe ?? new FlowProbe()));

    private static async Task HoldAsync(Engine engine, long id, string owner)
    {
        var shard = await engine.ShardAsync(id);
        await engine.ExecuteAsync(
            $"UPDATE offpeak_shards SET lease_owner = '{owner}', lease_until = '{engine.Now.AddMinutes(2):yyyy-MM-dd HH:mm:ss}' WHERE id = {shard.Id}");
    }

    /// <summary>As under a /proc that hides the processes of other users.</summary>
    private sealed class ShortSighted : WorkerIdentity
    {
        protected override string? StartOf(int processId) => null;
    }
}
