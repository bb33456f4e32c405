using Microsoft.Extensions.DependencyInjection;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Handlers;

/// <summary>What counts as an attempt of a handler: one that killed its process does, one that a deploy stopped does not.</summary>
public sealed class HandlerAttemptTests
{
    private static readonly NewBatch WithHandler = new("fake/model-1") { Handler = "scripted" };

    private readonly ScriptedHandler handler = new();

    [Fact]
    public async Task Handler_that_kills_its_process_is_parked_after_the_limit_by_the_next_process()
    {
        using var world = new World();
        for (var life = 0; life < 6; life++)
            await LiveAndDieAsync(world, life);

        await using var last = await StartAsync(world, life: 6);
        var batch = await last.BatchAsync(1);
        Assert.Equal(3, handler.Runs.Count);
        Assert.NotNull(batch.DispatchParkedAt);
        Assert.Equal("The process ended while the handler ran.", batch.DispatchError);
        Assert.Single(last.Reports, report => report.Exception.Message.Contains("parked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handler_that_killed_its_process_waits_before_it_runs_again()
    {
        using var world = new World();
        await LiveAndDieAsync(world, life: 0);
        await using var next = await StartAsync(world, life: 1);

        await next.Resume.RunOnceAsync(TimeSpan.Zero);
        await next.DeliverAsync();
        Assert.Single(handler.Runs);

        world.Time.Advance(TimeSpan.FromSeconds(30));
        await next.Resume.RunOnceAsync(TimeSpan.Zero);
        await next.DeliverAsync();
        Assert.Equal(2, handler.Runs.Count);
        Assert.NotNull((await next.BatchAsync(1)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Handler_that_is_at_its_last_attempt_is_not_parked_by_another_process()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, life: 0, attempts: 1);
        await using var other = await StartAsync(world, life: 0, attempts: 1);
        world.Queue.OnAdvance = item => engine.RunAsync(item);
        handler.OnRun = async outcome =>
        {
            world.Time.Advance(TimeSpan.FromSeconds(31));
            await other.RunAsync(new WorkItem(WorkKind.Dispatch, outcome.Batch.Id));
        };

        var batch = await engine.BatchAsync(await FinishAsync(engine));

        Assert.Null(batch.DispatchParkedAt);
        Assert.NotNull(batch.HandlerDispatchedAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_while_the_handler_runs_is_refused_and_lets_it_finish(bool entryFailed)
    {
        using var world = new World();
        await using var engine = await StartAsync(world, life: 0);
        var gate = new TaskCompletionSource();
        handler.OnRun = _ => handler.Runs.Count == 1 ? throw new InvalidOperationException("first") : gate.Task;
        world.Provider.Answer = entryFailed ? Results.Refused : Results.Ok;
        var id = await FinishAsync(engine);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var second = engine.PollAsync(id);
        while (handler.Runs.Count < 2)
            await Task.Yield();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.RetryAsync(id));
        gate.SetResult();
        await second;
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.Equal(OffpeakErrorCode.InvalidState, error.Code);
        Assert.Equal(2, handler.Runs.Count);
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Retry_of_a_parked_handler_is_passed_on_at_once()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, life: 0, attempts: 1);
        handler.OnRun = _ => throw new InvalidOperationException("broken");
        var id = await FinishAsync(engine);
        handler.OnRun = null;
        world.Queue.Take();

        Assert.Equal(1, await engine.Client.RetryAsync(id));
        Assert.Equal(WorkKind.Dispatch, Assert.Single(world.Queue.Waiting).Item.Kind);
        await engine.DeliverAsync();

        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Attempt_that_the_host_stopped_is_given_back()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, life: 0);
        var id = await engine.SubmitAsync(1, WithHandler);
        world.Provider.Set(ProviderBatchState.Ended);
        for (var deploy = 0; deploy < 5; deploy++)
            await StopInTheHandlerAsync(engine, id);

        var stopped = await engine.BatchAsync(id);
        handler.OnRunCancellable = (_, _) => throw new InvalidOperationException("The first error of its own.");
        await engine.PollAsync(id);

        Assert.Equal((0, null, null), (stopped.DispatchAttempt, stopped.LeaseOwner, stopped.DispatchError));
        Assert.Equal((1, null), ((await engine.BatchAsync(id)).DispatchAttempt, (await engine.BatchAsync(id)).DispatchParkedAt));
    }

    [Fact]
    public async Task Error_that_a_handler_had_before_is_still_said_after_a_stop()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, life: 0);
        handler.OnRun = _ => handler.Runs.Count == 1 ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        var id = await FinishAsync(engine);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await StopInTheHandlerAsync(engine, id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((1, "InvalidOperationException: broken"), (batch.DispatchAttempt, batch.DispatchError));
    }

    // The host's stop is asked for while the handler runs, and the handler listens.
    private async Task StopInTheHandlerAsync(Engine engine, long id)
    {
        using var stop = new CancellationTokenSource();
        handler.OnRunCancellable = async (_, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, engine.Time, ct);
        };
        var shard = await engine.ShardAsync(id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), stop.Token));
        handler.OnRunCancellable = null;
    }

    private async Task LiveAndDieAsync(World world, int life)
    {
        await using var engine = await StartAsync(world, life);
        handler.OnRun = _ =>
        {
            engine.Hooks.Kill();
            throw new KilledException();
        };
        if (life == 0)
        {
            await Assert.ThrowsAsync<KilledException>(() => FinishAsync(engine));
        }
        else
        {
            world.Time.Advance(TimeSpan.FromHours(2));
            await engine.Resume.RunOnceAsync(TimeSpan.Zero);
            var runs = handler.Runs.Count;
            var died = await Record.ExceptionAsync(engine.DeliverAsync);
            Assert.Equal(handler.Runs.Count > runs, died is KilledException);
        }

        handler.OnRun = null;
    }

    private Task<Engine> StartAsync(World world, int life, int attempts = 3)
    {
        var worker = new TestWorker($"life-{life}");
        for (var earlier = 0; earlier < life; earlier++)
            worker.Dead.Add($"life-{earlier}");

        return Engine.StartAsync(
            world,
            options => options.HandlerMaxAttempts = attempts,
            services => services.AddSingleton(handler).AddSingleton<WorkerIdentity>(worker),
            build => build.AddHandler<ScriptedHandler>("scripted"));
    }

    private static async Task<long> FinishAsync(Engine engine)
    {
        var id = await engine.SubmitAsync(1, WithHandler);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
