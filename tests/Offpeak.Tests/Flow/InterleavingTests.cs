using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>The expire sweep against a poll that just saw the batch end, at every call to the provider, in both orders.</summary>
public sealed class InterleavingTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(26);

    [Theory]
    [InlineData("status", false)]
    [InlineData("status", true)]
    [InlineData("results", false)]
    [InlineData("results", true)]
    [InlineData("mid_results", false)]
    [InlineData("mid_results", true)]
    [InlineData("clean_up", false)]
    [InlineData("clean_up", true)]
    public async Task Expire_sweep_during_a_poll_that_saw_the_end_never_overwrites_its_results(string at, bool leaseRanOut)
    {
        using var world = new World();
        await using var poller = await StartAsync(world, "poller");
        await using var sweeper = await StartAsync(world, "sweeper");
        var id = await poller.SubmitAsync(4);
        world.Time.Advance(MaxAge);
        world.Provider.Set(ProviderBatchState.Ended);
        Once(world, at, async () =>
        {
            if (leaseRanOut)
                Suspend(poller, TimeSpan.FromMinutes(3));
            await sweeper.Expire.RunOnceAsync();
        });

        await poller.PollAsync(id);
        await SettleAsync(world, sweeper, id);

        await AssertCompletedAsync(sweeper, id);
    }

    [Theory]
    [InlineData("status", false)]
    [InlineData("status", true)]
    [InlineData("results", false)]
    [InlineData("results", true)]
    [InlineData("mid_results", false)]
    [InlineData("mid_results", true)]
    public async Task Poll_that_sees_the_end_during_the_expire_sweep_keeps_every_result(string at, bool leaseRanOut)
    {
        using var world = new World();
        await using var poller = await StartAsync(world, "poller");
        await using var sweeper = await StartAsync(world, "sweeper");
        var id = await poller.SubmitAsync(4);
        world.Time.Advance(MaxAge);
        world.Provider.Set(ProviderBatchState.Ended);
        Once(world, at, async () =>
        {
            if (leaseRanOut)
                Suspend(sweeper, TimeSpan.FromMinutes(3));
            await poller.PollAsync(id);
        });

        await sweeper.Expire.RunOnceAsync();
        await SettleAsync(world, sweeper, id);

        await AssertCompletedAsync(sweeper, id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Batch_that_ends_while_the_expire_sweep_cancels_it_has_one_terminal_state_and_its_results(bool leaseRanOut)
    {
        using var world = new World();
        await using var poller = await StartAsync(world, "poller");
        await using var sweeper = await StartAsync(world, "sweeper");
        var id = await poller.SubmitAsync(4);
        world.Time.Advance(MaxAge);
        world.Provider.OnCancel = async _ =>
        {
            world.Provider.OnCancel = null;
            world.Provider.Set(ProviderBatchState.Ended);
            if (leaseRanOut)
                Suspend(sweeper, TimeSpan.FromMinutes(3));
            await poller.PollAsync(id);
        };

        await sweeper.Expire.RunOnceAsync();
        await SettleAsync(world, sweeper, id);

        await AssertCompletedAsync(sweeper, id);
    }

    [Fact]
    public async Task Poll_that_saw_it_running_before_the_sweep_gave_it_up_cannot_bring_it_back()
    {
        using var world = new World();
        await using var poller = await StartAsync(world, "poller");
        await using var sweeper = await StartAsync(world, "sweeper");
        var id = await poller.SubmitAsync(2);
        world.Time.Advance(MaxAge);
        world.Provider.Answer = _ => null;
        Once(world, "status", async () =>
        {
            Suspend(poller, TimeSpan.FromMinutes(3));
            await sweeper.Expire.RunOnceAsync();
        });

        await poller.PollAsync(id);

        Assert.Equal(ShardStatus.Expired, (await sweeper.ShardAsync(id)).Status);
        Assert.Equal(BatchStatus.Expired, (await sweeper.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Polls_of_two_workers_that_both_saw_the_end_apply_every_result_once()
    {
        using var world = new World();
        await using var one = await StartAsync(world, "one");
        await using var two = await StartAsync(world, "two");
        var id = await one.SubmitAsync(4);
        world.Provider.Set(ProviderBatchState.Ended);
        Once(world, "mid_results", async () =>
        {
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await two.PollAsync(id);
        });

        await one.PollAsync(id);
        await SettleAsync(world, two, id);

        await AssertCompletedAsync(two, id);
    }

    private static Task<Engine> StartAsync(World world, string name) => Engine.StartAsync(
        world, options => options.IngestChunkSize = 1, services => services.AddSingleton<WorkerIdentity>(new TestWorker(name)));

    // Runs the other side in the middle of a call to the provider.
    private static void Once(World world, string at, Func<Task> other)
    {
        var done = false;
        var provider = world.Provider;
        async Task RunAsync()
        {
            if (done)
                return;
            done = true;
            await other();
        }

        if (at == "status")
        {
            provider.OnStatus = async batch =>
            {
                await RunAsync();
                return batch.Snapshot;
            };
        }
        else if (at == "clean_up")
        {
            provider.OnCleanUp = _ => RunAsync();
        }
        else
        {
            provider.AfterResult = count => count == (at == "results" ? 1 : 3) ? RunAsync() : Task.CompletedTask;
        }
    }

    // Whoever lost the race stopped; the sweeps finish the work.
    private static async Task SettleAsync(World world, Engine engine, long id)
    {
        for (var tick = 0; tick < 3; tick++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(10));
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
        }

        Assert.Null((await engine.ShardAsync(id)).LeaseOwner);
    }

    // The process does nothing for a while, and what it does by itself is over.
    private static void Suspend(Engine engine, TimeSpan time)
    {
        engine.Clock.IsSuspended = true;
        engine.Time.Advance(time);
        engine.Clock.IsSuspended = false;
    }

    private static async Task AssertCompletedAsync(Engine engine, long id)
    {
        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 4, 400L), (batch.Status, batch.SucceededCount, batch.InputTokens!.Value));
        Assert.Equal(ShardStatus.Ended, (await engine.ShardAsync(id)).Status);
        Assert.Single(engine.Provider.Batches);
    }
}
