using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Handlers;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Handlers;

public sealed class DispatchHandlerTests
{
    private readonly ScriptedHandler handler = new();

    [Fact]
    public async Task Dispatch_handler_sees_the_finished_batch_and_its_answers()
    {
        await using var engine = await StartAsync();
        List<string?> texts = [];
        BatchInfo? seen = null;
        handler.OnRun = async outcome =>
        {
            seen = outcome.Batch;
            await foreach (var entry in outcome.ReadEntriesAsync())
                texts.Add(entry.Text);
        };
        await FinishAsync(engine, entries: 2);

        Assert.Equal((BatchStatus.Completed, 2), (seen!.Status, seen.SucceededCount));
        Assert.Equal(["answer e1", "answer e2"], texts);
    }

    [Fact]
    public async Task Dispatch_handler_hears_of_a_batch_that_was_cancelled_before_it_was_submitted()
    {
        await using var engine = await StartAsync();
        BatchInfo? seen = null;
        handler.OnRun = outcome =>
        {
            seen = outcome.Batch;
            return Task.CompletedTask;
        };
        var id = await engine.BuildAsync(2, WithHandler);

        await engine.Client.CancelAsync(id);
        await engine.DeliverAsync();

        Assert.Equal((BatchStatus.Canceled, 2), (seen!.Status, seen.CanceledCount));
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Dispatch_success_is_recorded_and_never_repeated()
    {
        await using var engine = await StartAsync();
        var id = await FinishAsync(engine);
        await RecoverAsync(engine);

        Assert.Single(handler.Runs);
        var batch = await engine.BatchAsync(id);
        Assert.NotNull(batch.HandlerDispatchedAt);
        Assert.Equal((null, null), (batch.NextDispatchAt, batch.LeaseOwner));
    }

    [Fact]
    public async Task Dispatch_handler_error_leaves_it_undone_is_reported_and_waits_longer_each_time()
    {
        await using var engine = await StartAsync();
        handler.OnRun = _ => throw new InvalidOperationException("broken");
        var id = await FinishAsync(engine);
        var first = await engine.BatchAsync(id);
        await RecoverAsync(engine);
        var second = await engine.BatchAsync(id);

        Assert.Null(first.HandlerDispatchedAt);
        Assert.Equal("InvalidOperationException: broken", first.DispatchError);
        Assert.Equal(TimeSpan.FromSeconds(30), first.NextDispatchAt - first.FinishedAt);
        Assert.Equal(TimeSpan.FromSeconds(60), second.NextDispatchAt - engine.Now);
        Assert.Equal(2, engine.Reports.Count(report => (report.Component, report.BatchId) == ("dispatch_handler", id)));
    }

    [Fact]
    public async Task Dispatch_fails_three_times_then_works_under_one_dispatch_id()
    {
        await using var engine = await StartAsync();
        List<int> attempts = [];
        handler.OnRun = outcome =>
        {
            attempts.Add(outcome.Attempt);
            return attempts.Count <= 3 ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        };
        var id = await FinishAsync(engine);
        for (var tick = 0; tick < 3; tick++)
            await RecoverAsync(engine);

        Assert.Equal([1, 2, 3, 4], attempts);
        Assert.Single(handler.Runs.Distinct());
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Dispatch_handler_error_puts_the_next_run_into_the_queue_with_its_wait()
    {
        await using var engine = await StartAsync();
        handler.OnRun = _ => throw new InvalidOperationException("broken");
        engine.Queue.Take();

        var id = await FinishAsync(engine);

        var next = Assert.Single(engine.Queue.Waiting, work => work.Item.Kind == WorkKind.Dispatch);
        Assert.Equal((new WorkItem(WorkKind.Dispatch, id), TimeSpan.FromSeconds(30)), (next.Item, next.Delay));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Dispatch_records_the_error_of_a_handler_whose_batch_was_changed_while_it_ran(int mostAttempts)
    {
        await using var engine = await StartAsync(options => options.HandlerMaxAttempts = mostAttempts);
        handler.OnRun = async _ =>
        {
            await engine.Client.ReleaseInputKeyAsync("input");
            throw new InvalidOperationException("broken");
        };
        var id = await engine.BuildAsync(1, WithHandler with { InputKey = "input" });
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        await engine.DeliverAsync();

        var batch = await engine.BatchAsync(id);
        Assert.Equal(("InvalidOperationException: broken", null, mostAttempts == 1), (batch.DispatchError, batch.LeaseOwner, batch.DispatchParkedAt is not null));
    }

    [Fact]
    public async Task Dispatch_is_parked_after_the_limit_and_reported()
    {
        await using var engine = await StartAsync(options => options.HandlerMaxAttempts = 2);
        handler.OnRun = _ => throw new InvalidOperationException("broken");
        var id = await FinishAsync(engine);
        for (var tick = 0; tick < 5; tick++)
            await RecoverAsync(engine);

        Assert.Equal(2, handler.Runs.Count);
        var batch = await engine.BatchAsync(id);
        Assert.NotNull(batch.DispatchParkedAt);
        Assert.Equal((null, null), (batch.HandlerDispatchedAt, batch.NextDispatchAt));
        Assert.Equal(2, engine.Reports.Count(report => report.BatchId == id));
    }

    [Fact]
    public async Task Dispatch_handler_not_registered_here_waits_visibly_and_runs_when_it_is()
    {
        using var world = new World();
        long id;
        await using (var without = await Engine.StartAsync(world))
        {
            id = await FinishAsync(without);
            await RecoverAsync(without);
            await RecoverAsync(without);

            var waiting = await without.BatchAsync(id);
            Assert.Equal((BatchStatus.Completed, 0, null), (waiting.Status, waiting.DispatchAttempt, waiting.DispatchParkedAt));
            Assert.Contains("'scripted'", waiting.DispatchError, StringComparison.Ordinal);
            Assert.Single(without.Reports, report => report.BatchId == id);
        }

        await using var with = await StartAsync(world: world);
        await RecoverAsync(with);

        Assert.Single(handler.Runs);
        Assert.Null((await with.BatchAsync(id)).DispatchError);
    }

    [Fact]
    public async Task Dispatch_handler_runs_although_a_process_that_does_not_know_it_always_sweeps_first()
    {
        using var world = new World();
        await using var without = await Engine.StartAsync(world);
        await using var with = await StartAsync(world: world);
        world.Queue.OnAdvance = item => without.RunAsync(item);
        await FinishAsync(without);
        world.Queue.Take();
        world.Time.Advance(without.Get<IOptions<OffpeakOptions>>().Value.ResumeInterval - TimeSpan.FromSeconds(1));
        await without.Resume.RunOnceAsync();
        await without.DeliverAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));

        await with.Resume.RunOnceAsync();
        await with.DeliverAsync();

        Assert.Single(handler.Runs);
    }

    [Fact]
    public async Task Dispatch_handler_not_registered_here_is_reported_once_however_many_batches_come_to_wait_for_it()
    {
        await using var engine = await Engine.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var id = await FinishAsync(engine);
            await RecoverAsync(engine);
            Assert.Contains("'scripted'", (await engine.Client.GetAsync(id)).Batch.Handler!.LastError, StringComparison.Ordinal);
        }

        Assert.Single(engine.Reports);
    }

    [Fact]
    public async Task Dispatch_runs_for_batches_that_a_sweep_gave_up()
    {
        await using var engine = await StartAsync();
        BatchStatus? seen = null;
        handler.OnRun = outcome =>
        {
            seen = outcome.Batch.Status;
            return Task.CompletedTask;
        };
        await engine.SubmitAsync(1, WithHandler);
        engine.Provider.Answer = _ => null;
        engine.Time.Advance(TimeSpan.FromHours(26));
        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, seen);
    }

    [Fact]
    public async Task Dispatch_lease_is_renewed_while_the_handler_runs()
    {
        await using var engine = await StartAsync();
        var started = engine.Now;
        var renewals = 0;
        handler.OnRun = async outcome =>
        {
            // The renewal runs on another thread and sets its next timer some time after the row has changed: so the clock keeps moving.
            for (; renewals < 6; renewals++)
            {
                var before = (await engine.BatchAsync(outcome.Batch.Id)).LeaseUntil;
                engine.Time.Advance(TimeSpan.FromSeconds(40));
                while ((await engine.BatchAsync(outcome.Batch.Id)).LeaseUntil <= before)
                    engine.Time.Advance(TimeSpan.FromSeconds(1));
            }
        };
        var id = await FinishAsync(engine);

        Assert.Equal(6, renewals);
        Assert.True(engine.Now - started > new OffpeakOptions().LeaseDuration);
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
        Assert.Single(handler.Runs);
    }

    [Fact]
    public async Task Dispatch_of_a_run_that_lost_its_lease_is_stopped_and_cannot_be_marked_done()
    {
        await using var engine = await StartAsync();
        var stopped = false;
        handler.OnRunCancellable = async (outcome, ct) =>
        {
            await engine.ExecuteAsync("UPDATE offpeak_batches SET lease_owner = 'other', version = version + 1");
            var stop = new TaskCompletionSource();
            await using var registration = ct.Register(() => stop.SetResult());
            engine.Time.Advance(TimeSpan.FromSeconds(40));
            await stop.Task;
            stopped = true;
        };
        var id = await FinishAsync(engine);

        Assert.True(stopped);
        var batch = await engine.BatchAsync(id);
        Assert.Equal((null, "other"), (batch.HandlerDispatchedAt, batch.LeaseOwner));
    }

    [Fact]
    public async Task Dispatch_of_a_process_that_is_cut_off_from_the_database_is_stopped_before_another_one_runs_it()
    {
        using var world = new World();
        await using var cutOff = await StartAsync(world: world, worker: "cut-off");
        await using var other = await StartAsync(world: world, worker: "other");
        world.Queue.OnAdvance = item => cutOff.RunAsync(item);
        var began = new TaskCompletionSource();
        handler.OnRunCancellable = async (_, ct) =>
        {
            began.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, world.Time, ct);
        };
        var first = FinishAsync(cutOff);
        await began.Task;
        cutOff.Hooks.OnVerb = _ => throw new InvalidOperationException("The database cannot be reached.");
        var firstHasEnded = false;
        handler.OnRunCancellable = (_, _) =>
        {
            firstHasEnded = first.IsCompleted;
            return Task.CompletedTask;
        };

        world.Time.Advance(new OffpeakOptions().LeaseDuration * 0.95);
        await Record.ExceptionAsync(() => first.WaitAsync(TimeSpan.FromMinutes(1)));
        await RecoverAsync(other);

        Assert.Equal((true, 2), (firstHasEnded, handler.Runs.Count));
        Assert.NotNull((await other.BatchAsync(1)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Dispatch_runs_once_at_a_time()
    {
        using var world = new World();
        await using var one = await StartAsync(world: world, worker: "one");
        await using var two = await StartAsync(world: world, worker: "two");
        handler.OnRun = async _ =>
        {
            handler.OnRun = null;
            await RecoverAsync(two);
        };
        await FinishAsync(one);

        Assert.Single(handler.Runs);
    }

    [Fact]
    public async Task Dispatch_of_a_run_that_was_suspended_cannot_mark_a_batch_done_that_is_asked_again()
    {
        using var world = new World();
        await using var one = await StartAsync(world: world, worker: "one");
        await using var two = await StartAsync(world: world, worker: "two");
        world.Provider.Answer = Results.Refused;
        handler.OnRun = async outcome =>
        {
            handler.OnRun = null;
            one.Clock.IsSuspended = true;
            world.Time.Advance(2 * new OffpeakOptions().LeaseDuration);
            Assert.Equal(1, await two.Client.RetryAsync(outcome.Batch.Id));
            one.Clock.IsSuspended = false;
        };
        var id = await FinishAsync(one);
        Assert.Equal((BatchStatus.Running, null), ((await two.BatchAsync(id)).Status, (await two.BatchAsync(id)).HandlerDispatchedAt));

        await two.DeliverAsync();
        await two.Submit.RunOnceAsync();
        world.Provider.Set(ProviderBatchState.Ended);
        await two.PollAsync(id);

        Assert.Equal(2, handler.Runs.Count);
        Assert.NotNull((await two.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Dispatch_of_a_handler_that_cannot_be_made_counts_as_a_failed_attempt()
    {
        await using var engine = await Engine.StartAsync(build: build => build.AddHandler<NeedsMore>("scripted"));
        var id = await FinishAsync(engine);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((1, null), (batch.DispatchAttempt, batch.HandlerDispatchedAt));
        Assert.NotNull(batch.DispatchError);
    }

    [Fact]
    public void Backoff_before_a_handler_doubles_up_to_an_hour()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Backoff.BeforeHandler(1));
        Assert.Equal(TimeSpan.FromMinutes(1), Backoff.BeforeHandler(2));
        Assert.Equal(TimeSpan.FromHours(1), Backoff.BeforeHandler(9));
    }

    private static NewBatch WithHandler => new("fake/model-1") { Handler = "scripted" };

    private Task<Engine> StartAsync(Action<OffpeakOptions>? options = null, World? world = null, string worker = "worker")
    {
        void More(IServiceCollection services) => services.AddSingleton(handler).AddSingleton<WorkerIdentity>(new TestWorker(worker));
        void Build(OffpeakBuilder build) => build.AddHandler<ScriptedHandler>("scripted");
        return world is null ? Engine.StartAsync(options, More, Build) : Engine.StartAsync(world, options, More, Build);
    }

    private static async Task<long> FinishAsync(Engine engine, int entries = 1)
    {
        var id = await engine.SubmitAsync(entries, WithHandler);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }

    private static async Task RecoverAsync(Engine engine)
    {
        engine.Time.Advance(TimeSpan.FromMinutes(15));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
    }

    private sealed class NeedsMore(IFormatProvider missing) : IBatchHandler
    {
        public Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken) => throw new InvalidOperationException(missing.ToString());
    }
}
