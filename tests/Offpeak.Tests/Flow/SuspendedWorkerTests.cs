using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

/// <summary>A worker that is held up for a long time in the middle of a step, and wakes when others have gone on.</summary>
public sealed class SuspendedWorkerTests
{
    [Fact]
    public async Task Planner_that_wakes_rounds_later_strands_no_entry_in_an_old_round()
    {
        using var world = new World();
        await using var slow = await StartAsync(world, "slow");
        await using var quick = await StartAsync(world, "quick");
        world.Provider.Answer = Results.Busy;
        var id = await slow.SubmitAsync(3, new NewBatch("fake/model-1") { MaxRounds = 6 });
        world.Provider.Set(ProviderBatchState.Ended);
        slow.Hooks.Once("TryPlanShardAsync", () => LeaveEntriesWaitingInRoundTwoAsync(quick, id));

        await slow.PollAsync(id);
        world.Provider.Answer = Results.Ok;
        await quick.Submit.RunOnceAsync();
        var batch = await quick.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 3), (batch.Status, batch.SucceededCount));
        Assert.Equal([1, 2, 3], (await quick.ShardsAsync(id)).Select(shard => shard.Round));
    }

    [Fact]
    public async Task Reader_that_wakes_in_the_middle_of_its_chunk_applies_nothing()
    {
        using var world = new World();
        await using var stale = await StartAsync(world, "stale");
        await using var next = await StartAsync(world, "next");
        var id = await stale.SubmitAsync(4);
        world.Provider.Set(ProviderBatchState.Ended);
        world.Provider.AfterResult = async count =>
        {
            if (count != 2)
                return;

            world.Provider.AfterResult = null;
            stale.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            Assert.NotNull(await next.Get<Leases>().TryTakeAsync(await next.ShardAsync(id), CancellationToken.None));
            stale.Clock.IsSuspended = false;
        };

        await stale.PollAsync(id);

        Assert.Equal((0, 4), ((await next.CountsAsync(id)).Succeeded, (await next.CountsAsync(id)).Submitted));
    }

    [Fact]
    public async Task Stop_of_a_poll_whose_lease_another_one_has_taken_leaves_that_lease_alone()
    {
        using var world = new World();
        await using var stale = await StartAsync(world, "stale");
        await using var next = await StartAsync(world, "next");
        var id = await stale.SubmitAsync();
        var poll = new WorkItem(WorkKind.Poll, (await stale.ShardAsync(id)).Id, (await stale.ShardAsync(id)).PollGeneration);
        using var stop = new CancellationTokenSource();
        world.Provider.OnStatus = async _ =>
        {
            stale.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            Assert.NotNull(await next.Get<Leases>().TryTakeAsync(await next.ShardAsync(id), CancellationToken.None));
            await stop.CancelAsync();
            throw new OperationCanceledException(stop.Token);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stale.RunAsync(poll, stop.Token));

        Assert.StartsWith("next", (await next.ShardAsync(id)).LeaseOwner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_is_kept_while_a_provider_takes_its_time_over_the_results()
    {
        using var world = new World();
        await using var reader = await StartAsync(world, "reader");
        await using var other = await StartAsync(world, "other");
        var id = await reader.SubmitAsync(2);
        world.Provider.Set(ProviderBatchState.Ended);
        world.Provider.AfterResult = async _ =>
        {
            world.Provider.AfterResult = null;
            // The renewal runs on another thread and sets its next timer some time after the row has changed: so the clock keeps moving.
            for (var renewals = 0; renewals < 6; renewals++)
            {
                var before = (await reader.ShardAsync(id)).LeaseUntil;
                world.Time.Advance(TimeSpan.FromSeconds(40));
                for (var wait = 0; wait < 5_000 && (await reader.ShardAsync(id)).LeaseUntil <= before; wait++)
                    world.Time.Advance(TimeSpan.FromMilliseconds(4));
            }

            await other.PollAsync(id);
        };

        await reader.PollAsync(id);

        Assert.Equal((1, 2), (world.Provider.ResultReads, (await reader.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Every_poll_that_is_enqueued_is_written_on_its_row_before()
    {
        await using var engine = await Engine.StartAsync();
        var early = 0;
        engine.Queue.OnEnqueue = item =>
        {
            var row = engine.Store.FindShardAsync(item.Id, CancellationToken.None).GetAwaiter().GetResult()!;
            early += row.PollGeneration == item.Generation && row.NextPollAt >= engine.Now && row.LeaseOwner is null ? 0 : 1;
        };
        var id = await engine.SubmitAsync();
        await engine.PollAsync(id);
        engine.Provider.OnStatus = _ => throw Fault.Transient();
        await engine.PollAsync(id);

        Assert.Equal((3, 0), (engine.Queue.Waiting.Count, early));
    }

    [Fact]
    public async Task Create_call_that_returns_after_its_shard_was_sent_again_is_shown_as_a_double_and_stopped()
    {
        using var world = new World();
        await using var slow = await StartAsync(world, "slow");
        await using var other = await StartAsync(world, "other");
        world.Provider.OnFind = _ => FindResult.Absent;
        world.Provider.AfterCreate = async _ =>
        {
            world.Provider.AfterCreate = null;
            slow.Clock.IsSuspended = true;
            for (var sweep = 0; sweep < 2; sweep++)
            {
                world.Time.Advance(TimeSpan.FromMinutes(3));
                await other.Reconcile.RunOnceAsync();
            }

            await other.Submit.RunOnceAsync();
        };

        var id = await slow.SubmitAsync();

        var shard = (await other.Client.GetAsync(id)).Shards[^1];
        Assert.Equal((ShardStatus.Submitted, "pb-2"), (shard.Status, shard.ProviderBatchId));
        Assert.Equal(["pb-1"], shard.Doubles);
        Assert.Equal(["pb-1"], world.Provider.Canceled);
        Assert.Contains(other.Reports, report => report.BatchId == id && report.Exception.Message.Contains("pb-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Create_call_that_returns_while_its_shard_is_looked_for_is_adopted()
    {
        using var world = new World();
        await using var slow = await StartAsync(world, "slow");
        await using var other = await StartAsync(world, "other");
        world.Provider.OnFind = _ => FindResult.Absent;
        world.Provider.AfterCreate = async _ =>
        {
            slow.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await other.Reconcile.RunOnceAsync();
        };

        var id = await slow.SubmitAsync();

        var shard = await other.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "pb-1", 0), (shard.Status, shard.ProviderBatchId, shard.LostCreates));
        Assert.Empty(shard.Doubles);
        Assert.Empty(world.Provider.Canceled);
    }

    [Fact]
    public async Task Create_call_that_returns_after_its_batch_was_found_is_no_double_of_itself()
    {
        using var world = new World();
        await using var slow = await StartAsync(world, "slow");
        await using var other = await StartAsync(world, "other");
        world.Provider.AfterCreate = async _ =>
        {
            slow.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await other.Reconcile.RunOnceAsync();
        };

        var id = await slow.SubmitAsync();

        var shard = await other.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "pb-1"), (shard.Status, shard.ProviderBatchId));
        Assert.Empty(shard.Doubles);
        Assert.Empty(world.Provider.Canceled);
        Assert.Empty(other.Reports);
    }

    [Fact]
    public async Task Create_call_whose_reply_is_lost_after_its_shard_was_closed_is_looked_for_once_more()
    {
        using var world = new World();
        await using var slow = await StartAsync(world, "slow");
        await using var other = await StartAsync(world, "other");
        world.Provider.OnFind = _ => FindResult.Absent;
        var id = await slow.BuildAsync();
        await slow.Client.SubmitAsync(id);
        world.Provider.AfterCreate = async _ =>
        {
            slow.Clock.IsSuspended = true;
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await other.Client.CancelAsync(id);
            for (var sweep = 0; sweep < 2; sweep++)
            {
                await other.Reconcile.RunOnceAsync();
                world.Time.Advance(TimeSpan.FromMinutes(3));
            }

            world.Provider.OnFind = null;
            throw Fault.ReplyLost();
        };

        await slow.Submit.RunOnceAsync();

        var shard = await other.ShardAsync(id);
        Assert.Equal((ShardStatus.Canceled, "pb-1"), (shard.Status, Assert.Single(shard.Doubles)));
        Assert.Equal(["pb-1"], world.Provider.Canceled);
    }

    // The quick one plans, sends and reads round two, and stops before it plans round three.
    private static async Task LeaveEntriesWaitingInRoundTwoAsync(Engine quick, long id)
    {
        await quick.RunAsync(new WorkItem(WorkKind.Advance, id));
        await quick.Submit.RunOnceAsync();
        quick.Provider.Set(ProviderBatchState.Ended);
        quick.Hooks.Once("TryPlanShardAsync", () => throw new KilledException());
        await Assert.ThrowsAsync<KilledException>(() => quick.PollAsync(id));
    }

    private static Task<Engine> StartAsync(World world, string name) =>
        Engine.StartAsync(world, more: services => services.AddSingleton<WorkerIdentity>(new TestWorker(name)));
}
