using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>Sweeps of several processes at the same moment, as when a whole cluster starts.</summary>
public sealed class SweepsAtOnceTests
{
    private const int Shards = 400;

    [MeasuredTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Resume_sweeps_of_several_processes_leave_no_chain_dead_and_begin_none_twice(int processes)
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        var engines = new List<Engine>();
        for (var i = 0; i < processes; i++)
            engines.Add(await Engine.StartAsync(world));

        await engines[0].SubmitAsync(Shards);
        var polled = new List<(int Begun, int Read)>();
        for (var round = 0; round < 6; round++)
        {
            world.Queue.Take();
            world.Time.Advance(TimeSpan.FromHours(1));
            var before = world.Provider.StatusReads;
            await Task.WhenAll(engines.Select(engine => Task.Run(() => engine.Resume.RunOnceAsync())));
            var begun = world.Queue.Waiting.Count;
            await engines[0].DeliverAsync();
            polled.Add((begun, world.Provider.StatusReads - before));
        }

        Assert.Equal(Enumerable.Repeat((Shards, Shards), 6), polled);
        foreach (var engine in engines)
            await engine.DisposeAsync();
    }

    [Fact]
    public async Task Chain_that_a_sweep_has_begun_anew_ends_the_old_one_also_if_that_is_still_alive()
    {
        await using var engine = await Engine.StartAsync();
        await engine.SubmitAsync();
        var old = Assert.Single(engine.Queue.Take());
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        var begun = Assert.Single(engine.Queue.Take());

        await engine.RunAsync(old.Item);
        Assert.Equal(0, engine.Provider.StatusReads);
        await engine.RunAsync(begun.Item);

        Assert.Equal(1, engine.Provider.StatusReads);
    }

    [Fact]
    public async Task Reconcile_sweeps_of_two_processes_ask_the_provider_about_a_shard_once()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        world.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        await one.SubmitAsync();
        world.Provider.OnFind = _ =>
        {
            two.Reconcile.RunOnceAsync().GetAwaiter().GetResult();
            return FindResult.Absent;
        };

        await one.Reconcile.RunOnceAsync();

        Assert.Equal(1, world.Provider.Finds);
    }

    [Fact]
    public async Task Handlers_that_nobody_here_knows_cost_a_sweep_the_same_few_statements_however_many_wait()
    {
        using var world = new World();
        await using var engine = await Engine.StartAsync(world);
        for (var i = 0; i < 30; i++)
            await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "elsewhere" });

        world.Provider.Set(ProviderBatchState.Ended);
        foreach (var poll in world.Queue.Take())
            await engine.Get<Offpeak.Flow.Advance.WorkSteps>().RunAsync(poll.Item, CancellationToken.None);

        await engine.Resume.RunOnceAsync();
        engine.Time.Advance(TimeSpan.FromHours(1));
        var before = world.Errors.Reports.Count;
        var verbs = 0;
        engine.Hooks.OnVerb = _ => verbs++;
        await engine.Resume.RunOnceAsync();

        Assert.InRange(verbs, 1, 8);
        Assert.Empty(engine.Queue.Waiting);
        Assert.Equal(before, world.Errors.Reports.Count);
    }

    [Fact]
    public async Task Provider_that_does_not_answer_holds_up_no_other_providers_shards()
    {
        var slow = new FakeProvider("slow");
        var gate = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        slow.OnStatus = async batch =>
        {
            await gate.Task;
            return batch.Snapshot;
        };
        await using var engine = await Engine.StartAsync(more: services => services.Add(
            Microsoft.Extensions.DependencyInjection.ServiceDescriptor.Singleton<IBatchProvider>(slow)));
        await engine.SubmitAsync(1, new NewBatch("slow/model-1"));
        await engine.SubmitAsync();
        engine.Provider.OnCancel = _ =>
        {
            reached.TrySetResult();
            return Task.CompletedTask;
        };
        engine.Time.Advance(TimeSpan.FromHours(26));

        var sweep = engine.Expire.RunOnceAsync();
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
        gate.SetResult();

        Assert.Equal(2, (await sweep).Acted);
    }
}
