using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>Batches that are terminal at the provider but not done here: Raif's sweeps never look at them again.</summary>
public sealed class ResumeFinishedStepsTests
{
    [Fact]
    public async Task RunOnce_terminal_batch_whose_results_were_never_read_is_read_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = _ => throw new InvalidOperationException("the stream breaks");
        await engine.PollAsync(id);
        engine.Queue.Take();
        Assert.Equal(ShardStatus.Ended, (await engine.ShardAsync(id)).Status);
        Assert.Null((await engine.ShardAsync(id)).ResultsFetchedAt);

        engine.Provider.OnResults = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.NotNull((await engine.ShardAsync(id)).ResultsFetchedAt);
        Assert.Equal(3, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task RunOnce_finished_batch_whose_handler_never_ran_is_dispatched_again()
    {
        var handler = new ScriptedHandler();
        await using var engine = await StartAsync(handler);
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        engine.Provider.Set(ProviderBatchState.Ended);
        handler.OnRun = _ => throw new InvalidOperationException("the handler breaks");
        await engine.PollAsync(id);
        Assert.Null((await engine.BatchAsync(id)).HandlerDispatchedAt);

        handler.OnRun = null;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
        Assert.Equal(2, handler.Runs.Count);
        Assert.Equal(1, engine.Provider.ResultReads);
    }

    [Theory]
    [InlineData(nameof(FlowPoint.EndRecorded))]
    [InlineData(nameof(FlowPoint.ResultsRead))]
    [InlineData(nameof(FlowPoint.ResultsRecorded))]
    [InlineData(nameof(FlowPoint.FilesCleanedUp))]
    [InlineData(nameof(FlowPoint.BatchFinished))]
    [InlineData(nameof(FlowPoint.DispatchClaimed))]
    public async Task RunOnce_goes_on_wherever_the_process_died_after_the_end_was_seen(string point)
    {
        using var world = new World();
        world.Provider.Set(ProviderBatchState.Ended);
        var id = await RunUntilAsync(world, Enum.Parse<FlowPoint>(point), rounds: 1);

        await RecoverAsync(world, id);
    }

    [Theory]
    [InlineData(nameof(FlowPoint.ShardPlanned))]
    [InlineData(nameof(FlowPoint.RoundPlanned))]
    public async Task RunOnce_goes_on_when_the_process_died_while_it_planned_the_next_round(string point)
    {
        using var world = new World();
        world.Provider.Answer = entry => world.Provider.Batches.Count == 1 ? Results.Busy(entry) : Results.Ok(entry);
        var id = await RunUntilAsync(world, Enum.Parse<FlowPoint>(point), rounds: 2);

        await RecoverAsync(world, id);
    }

    // The first process: stops dead at a point of the flow, with its leases still held and its queue gone.
    private static async Task<long> RunUntilAsync(World world, FlowPoint deadly, int rounds)
    {
        var armed = false;
        Engine? first = null;
        var worker = new TestWorker("first");
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (!armed || point != deadly)
                    return;

                first!.Hooks.Kill();
                throw new KilledException();
            },
        };
        await using var started = first = await Engine.StartAsync(
            world,
            options => options.MaxRounds = rounds,
            services => services.AddSingleton(probe).AddSingleton<WorkerIdentity>(worker).AddSingleton(new ScriptedHandler()),
            build => build.AddHandler<ScriptedHandler>("scripted"));
        var id = await first.SubmitAsync(2, new NewBatch("fake/model-1") { Handler = "scripted" });
        world.Provider.Set(ProviderBatchState.Ended);
        var shard = await first.ShardAsync(id);
        armed = true;
        await Assert.ThrowsAsync<KilledException>(() => PollAsync(first, shard));
        world.Queue.Take();
        return id;
    }

    private static Task PollAsync(Engine engine, Offpeak.Storage.ShardRow shard) =>
        engine.RunAsync(new(Offpeak.Work.WorkKind.Poll, shard.Id, shard.PollGeneration));

    private static async Task RecoverAsync(World world, long id)
    {
        var worker = new TestWorker("second");
        worker.Dead.Add("first");
        var handler = new ScriptedHandler();
        await using var second = await Engine.StartAsync(
            world,
            more: services => services.AddSingleton<WorkerIdentity>(worker).AddSingleton(handler),
            build: build => build.AddHandler<ScriptedHandler>("scripted"));
        for (var sweep = 0; sweep < 4; sweep++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(10));
            await second.Resume.RunOnceAsync();
            await second.DeliverAsync();
            await second.Submit.RunOnceAsync();
            world.Provider.Set(ProviderBatchState.Ended);
            await second.DeliverAsync();
        }

        var batch = await second.BatchAsync(id);
        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(2, batch.SucceededCount);
        Assert.NotNull(batch.HandlerDispatchedAt);
        Assert.Single(handler.Runs);
    }

    private static Task<Engine> StartAsync(ScriptedHandler handler) => Engine.StartAsync(
        more: services => services.AddSingleton(handler), build: build => build.AddHandler<ScriptedHandler>("scripted"));
}
