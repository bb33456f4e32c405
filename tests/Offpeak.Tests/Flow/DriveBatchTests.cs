using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>A program without workers waits for one batch in the foreground.</summary>
public sealed class DriveBatchTests : IDisposable
{
    private const int MostNaps = 2_000;

    private readonly World world = new();
    private readonly NappingClock clock;
    private readonly ScriptedHandler handler = new();
    private readonly ConcurrentQueue<TimeSpan> submits = new();
    private readonly ConcurrentQueue<TimeSpan> looks = new();
    private readonly DateTimeOffset start;
    private int runningFor;

    public DriveBatchTests()
    {
        clock = new NappingClock(world.Time);
        start = world.Time.GetUtcNow();
        world.Provider.OnStatus = batch =>
        {
            looks.Enqueue(Passed);
            return Task.FromResult(new ProviderSnapshot
            {
                State = looks.Count > runningFor ? ProviderBatchState.Ended : ProviderBatchState.Running,
                Status = new("working"),
            });
        };
        world.Provider.BeforeCreate = _ =>
        {
            submits.Enqueue(Passed);
            return Task.CompletedTask;
        };
    }

    private TimeSpan Passed => world.Time.GetUtcNow() - start;

    [Fact]
    public async Task A_batch_is_submitted_looked_at_and_read_to_its_end()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine, 3);

        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, 3), (batch.Status, batch.SucceededCount));
        Assert.Equal(["answer e1", "answer e2", "answer e3"], (await engine.EntriesAsync(id)).Select(entry => entry.Text));
        Assert.Equal(Seconds(0), submits);
        Assert.Empty(clock.Naps);
    }

    [Fact]
    public async Task A_batch_that_is_done_is_not_touched_again()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        await RunToEndAsync(engine, id);
        var before = await engine.BatchAsync(id);

        await RunToEndAsync(engine, id);
        await RunUntilAcceptedAsync(engine, id);

        Assert.Equal(before.Version, (await engine.BatchAsync(id)).Version);
        Assert.Single(looks);
        Assert.Single(submits);
    }

    [Fact]
    public async Task A_handler_that_this_program_has_not_is_said_and_waits_for_one_that_has_it()
    {
        await using var engine = await StartAsync();
        var id = await engine.BuildAsync(1, new NewBatch("fake/model-1") { Handler = "elsewhere" });
        await engine.Client.SubmitAsync(id);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => RunToEndAsync(engine, id));

        Assert.Contains("'elsewhere'", error.Message, StringComparison.Ordinal);
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.NotNull((await engine.BatchAsync(id)).NextDispatchAt);
    }

    [Fact]
    public async Task A_handler_that_this_program_has_not_is_waited_for_while_another_runs_it()
    {
        await using var other = await StartAsync();
        await using var engine = await Engine.StartAsync(world, more: services => services.AddSingleton<TimeProvider>(clock));
        var id = await engine.BuildAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        await engine.Client.SubmitAsync(id);
        await engine.Client.RunUntilAcceptedAsync(id);
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        handler.OnRun = _ =>
        {
            begun.SetResult();
            return end.Task;
        };
        var elsewhere = RunToEndAsync(other, id);
        await begun.Task;

        var run = RunToEndAsync(engine, id);
        // Past the moment at which the handler would be due again if its run had been lost.
        while (clock.Naps.Count < 10)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        end.SetResult();

        await Task.WhenAll(elsewhere, run);
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Looks_follow_the_poll_schedule_and_a_new_status_is_looked_at_at_once()
    {
        runningFor = 4;
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1m,2m,4m,8m"));
        var id = await SubmittedAsync(engine);

        await RunToEndAsync(engine, id);

        // Accepted, then seen to be worked on: both are news. What comes after is not.
        Assert.Equal(Seconds(0, 0, 120, 360, 840), looks);
    }

    [Fact]
    public async Task Waits_are_short_so_that_what_another_process_does_is_seen_soon()
    {
        runningFor = 2;
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("12s"));
        var id = await SubmittedAsync(engine);

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(5, 5, 2), clock.Naps);
    }

    [Fact]
    public async Task What_another_process_reads_to_its_end_is_not_waited_for_any_longer()
    {
        runningFor = 2;
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1h"));
        await using var other = await Engine.StartAsync(world);
        var id = await SubmittedAsync(engine);
        using var atNap = world.Time.CreateTimer(_ => Task.Run(() => other.PollAsync(id)).GetAwaiter().GetResult(), null, TimeSpan.FromSeconds(7), Timeout.InfiniteTimeSpan);

        await RunToEndAsync(engine, id);

        Assert.Equal(TimeSpan.FromSeconds(10), Passed);
    }

    [Fact]
    public async Task A_wait_that_the_provider_asks_for_is_kept_when_it_is_longer_than_the_schedules()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1m"));
        var id = await SubmittedAsync(engine);
        FailSubmit(1, Fault.Transient(TimeSpan.FromSeconds(90)));

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 90), submits);
    }

    [Fact]
    public async Task A_wait_for_room_in_the_providers_queue_is_kept()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1m"));
        var id = await SubmittedAsync(engine);
        world.Provider.OnStatus = batch => Task.FromResult(batch.Id == "pb-1"
            ? new ProviderSnapshot
            {
                State = ProviderBatchState.Failed,
                Failure = new(ProviderErrorClass.Capacity, "full", "No room."),
                RetryAfter = TimeSpan.FromSeconds(90),
            }
            : new ProviderSnapshot { State = ProviderBatchState.Ended });

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 90), submits);
    }

    [Fact]
    public async Task A_shard_that_is_due_soon_is_not_held_up_by_one_that_is_due_late()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("2s"));
        var id = await SubmittedAsync(engine, 1, description: null, Engine.Entry("other", "model-2"));
        world.Provider.OnStatus = batch =>
        {
            if (batch.Id == "pb-1")
                return Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Running, PollDelay = TimeSpan.FromMinutes(10) });

            looks.Enqueue(Passed);
            return Task.FromResult(new ProviderSnapshot { State = looks.Count > 3 ? ProviderBatchState.Ended : ProviderBatchState.Running });
        };
        using var stop = new CancellationTokenSource();
        await using var atEnd = world.Time.CreateTimer(_ => stop.Cancel(), null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.Client.RunToEndAsync(id, stop.Token).WaitAsync(TimeSpan.FromMinutes(1)));

        Assert.Equal(Seconds(0, 0, 2, 4), looks);
    }

    [Fact]
    public async Task A_look_that_wants_the_next_one_at_once_gets_it()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        world.Provider.OnStatus = _ =>
        {
            looks.Enqueue(Passed);
            return Task.FromResult(new ProviderSnapshot
            {
                State = looks.Count > 5 ? ProviderBatchState.Ended : ProviderBatchState.Running,
                PollDelay = TimeSpan.Zero,
            });
        };

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 0, 0, 0, 0, 0), looks);
    }

    [Fact]
    public async Task A_shard_that_another_process_holds_is_looked_at_again_at_our_own_pace()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1m"));
        var id = await SubmittedAsync(engine);
        await engine.Submit.RunOnceAsync();
        await engine.ExecuteAsync(
            $"UPDATE offpeak_shards SET lease_owner = 'other', lease_until = '{engine.Now.AddSeconds(90):yyyy-MM-dd HH:mm:ss}', next_poll_at = '{engine.Now.AddHours(5):yyyy-MM-dd HH:mm:ss}'");

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(120), looks);
    }

    [Fact]
    public async Task A_look_that_fails_is_repeated_by_the_schedule_and_what_the_provider_asks_for()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1m"));
        var id = await SubmittedAsync(engine);
        world.Provider.OnStatus = _ =>
        {
            looks.Enqueue(Passed);
            return looks.Count switch
            {
                1 => throw Fault.Transient(),
                2 => throw Fault.Transient(TimeSpan.FromSeconds(100)),
                _ => Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Ended, Status = new("done") }),
            };
        };

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 60, 160), looks);
    }

    [Fact]
    public async Task A_wait_that_an_earlier_run_left_behind_is_not_kept()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("1h"));
        var id = await SubmittedAsync(engine);
        FailSubmit(1, Fault.Transient(TimeSpan.FromHours(5)));
        await engine.Submit.RunOnceAsync();

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 0), submits);
    }

    [Fact]
    public async Task Rounds_that_follow_are_taken_too()
    {
        await using var engine = await StartAsync();
        world.Provider.Answer = entry => entry.CustomId == "e2" && world.Provider.Batches.Count == 1 ? Results.Busy(entry) : Results.Ok(entry);
        var id = await SubmittedAsync(engine, 3);

        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, 3), (batch.Status, batch.SucceededCount));
        Assert.Equal([3, 1], world.Provider.Batches.Select(made => made.Entries.Count));
        Assert.Equal(TimeSpan.Zero, Passed);
    }

    [Fact]
    public async Task A_handler_that_fails_is_waited_for_until_it_has_succeeded()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine, description: new NewBatch("fake/model-1") { Handler = "scripted" });
        handler.OnRun = _ => handler.Runs.Count == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;

        await RunToEndAsync(engine, id);

        Assert.Equal(2, handler.Runs.Count);
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task A_handler_that_is_parked_is_not_waited_for()
    {
        await using var engine = await StartAsync(options => options.HandlerMaxAttempts = 1);
        var id = await SubmittedAsync(engine, description: new NewBatch("fake/model-1") { Handler = "scripted" });
        handler.OnRun = _ => throw new InvalidOperationException("never");

        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, TimeSpan.Zero), (batch.Status, Passed));
    }

    [Fact]
    public async Task Until_accepted_ends_with_the_acceptance()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine, 2, description: null, Engine.Entry("other", "model-2"));

        var batch = await RunUntilAcceptedAsync(engine, id);

        Assert.Equal(BatchStatus.Running, batch.Status);
        Assert.Equal(2, world.Provider.Batches.Count);
        Assert.All(await engine.ShardsAsync(id), shard => Assert.Equal(ShardStatus.Submitted, shard.Status));
        Assert.Empty(looks);
    }

    [Fact]
    public async Task Until_accepted_counts_what_is_being_worked_on_or_has_ended()
    {
        runningFor = 1;
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine, 1, description: null, Engine.Entry("other", "model-2"));
        await engine.Submit.RunOnceAsync();
        foreach (var shard in await engine.ShardsAsync(id))
            await engine.RunAsync(new(Work.WorkKind.Poll, shard.Id, shard.PollGeneration));
        var before = looks.Count;

        await RunUntilAcceptedAsync(engine, id);

        Assert.Equal([ShardStatus.InProgress, ShardStatus.Ended], (await engine.ShardsAsync(id)).Select(shard => shard.Status));
        Assert.Equal(before, looks.Count);
    }

    [Fact]
    public async Task Until_accepted_waits_for_the_shards_of_the_round_that_runs()
    {
        await using var engine = await StartAsync();
        world.Provider.Answer = entry => world.Provider.Batches.Count == 1 ? Results.Busy(entry) : Results.Ok(entry);
        var id = await SubmittedAsync(engine);
        await engine.Submit.RunOnceAsync();
        await engine.PollAsync(id);
        Assert.Equal((2, ShardStatus.Pending), ((await engine.BatchAsync(id)).Round, (await engine.ShardAsync(id)).Status));

        await RunUntilAcceptedAsync(engine, id);

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_said_with_the_providers_words_and_a_mended_one_goes_on_at_once()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        FailSubmit(1, Fault.Unauthorized());

        var said = await Assert.ThrowsAsync<OffpeakException>(() => RunToEndAsync(engine, id));
        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((OffpeakErrorCode.Provider, "The key was refused."), (said.Code, said.Message));
        Assert.Equal((BatchStatus.Completed, 1), (batch.Status, batch.SucceededCount));
        Assert.Equal(Seconds(0, 5), submits);
    }

    [Fact]
    public async Task A_provider_that_is_never_reached_is_tried_three_times_a_second_apart()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        FailSubmit(int.MaxValue, Unreachable());

        var said = await Assert.ThrowsAsync<OffpeakException>(() => RunToEndAsync(engine, id));

        Assert.Equal((OffpeakErrorCode.Provider, "There is no such host."), (said.Code, said.Message));
        Assert.Equal(Seconds(0, 1, 2), submits);
        Assert.Equal((BatchStatus.Running, ShardStatus.Pending), ((await engine.BatchAsync(id)).Status, (await engine.ShardAsync(id)).Status));
    }

    [Fact]
    public async Task A_schedule_that_is_faster_than_that_is_kept_for_a_provider_that_is_not_reached()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("500ms"));
        var id = await SubmittedAsync(engine);
        FailSubmit(int.MaxValue, Unreachable());

        await Assert.ThrowsAsync<OffpeakException>(() => RunToEndAsync(engine, id));

        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)], submits);
    }

    [Fact]
    public async Task A_reply_that_is_lost_is_looked_for_at_once_whatever_the_row_was_to_wait_for_before()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("10m"));
        var id = await SubmittedAsync(engine);
        FailSubmit(1, Unreachable());
        world.Provider.AfterCreate = _ =>
        {
            world.Provider.AfterCreate = null;
            throw Fault.ReplyLost();
        };
        var finds = new ConcurrentQueue<TimeSpan>();
        world.Provider.OnFind = _ =>
        {
            finds.Enqueue(Passed);
            return FindResult.Found([world.Provider.Only.Id]);
        };

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(0, 1), submits);
        Assert.Equal(Seconds(1), finds);
    }

    [Fact]
    public async Task A_provider_that_has_accepted_something_is_waited_for_when_it_cannot_be_reached()
    {
        runningFor = 3;
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine, 1, description: null, Engine.Entry("other", "model-2"));
        var failures = 0;
        world.Provider.BeforeCreate = submission =>
        {
            submits.Enqueue(Passed);
            return submission.Model == "model-2" && ++failures <= 6 ? throw Unreachable() : Task.CompletedTask;
        };

        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, 2), (batch.Status, batch.SucceededCount));
        Assert.Equal(8, submits.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_provider_far_away_is_waited_for_and_one_that_answers_one_by_one_is_not(bool answersOneByOne)
    {
        world.Provider.Capabilities = new() { AnswersOneByOne = answersOneByOne };
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        world.Provider.OnStatus = _ =>
        {
            looks.Enqueue(Passed);
            return looks.Count <= 5 ? throw Unreachable() : Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Ended, Status = new("done") });
        };

        var run = RunToEndAsync(engine, id);

        if (!answersOneByOne)
        {
            Assert.Equal(BatchStatus.Completed, (await run).Status);
            return;
        }

        var said = await Assert.ThrowsAsync<OffpeakException>(() => run);
        Assert.Equal((OffpeakErrorCode.Provider, "There is no such host.", 3), (said.Code, said.Message, looks.Count));
    }

    [Fact]
    public async Task A_reply_that_is_lost_is_looked_for_and_nothing_is_made_twice()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        world.Provider.AfterCreate = _ =>
        {
            world.Provider.AfterCreate = null;
            throw Fault.ReplyLost();
        };

        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, 1), (batch.Status, world.Provider.Batches.Count));
        Assert.Equal(1, world.Provider.Finds);
    }

    [Fact]
    public async Task A_create_that_an_earlier_process_died_in_is_looked_for()
    {
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        await using (var dying = await Engine.StartAsync(world))
        {
            world.Provider.AfterCreate = _ =>
            {
                world.Provider.AfterCreate = null;
                dying.Hooks.Kill();
                return Task.CompletedTask;
            };
            await Record.ExceptionAsync(() => dying.Submit.RunOnceAsync());
        }

        Assert.Equal(ShardStatus.Submitting, (await engine.ShardAsync(id)).Status);
        var batch = await RunToEndAsync(engine, id);

        Assert.Equal((BatchStatus.Completed, 1), (batch.Status, world.Provider.Batches.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Shards_are_worked_on_at_once_as_far_as_is_allowed(int most)
    {
        await using var engine = await StartAsync(options => options.MaxConcurrency.Submits = most);
        var id = await SubmittedAsync(engine, 1, description: null, Engine.Entry("other", "model-2"));
        var both = new TaskCompletionSource();
        var inside = 0;
        var mostInside = 0;
        world.Provider.BeforeCreate = async _ =>
        {
            mostInside = Math.Max(mostInside, Interlocked.Increment(ref inside));
            if (inside == 2)
                both.SetResult();
            if (most == 2)
                await both.Task.WaitAsync(TimeSpan.FromSeconds(20));
            Interlocked.Decrement(ref inside);
        };

        await RunUntilAcceptedAsync(engine, id);

        Assert.Equal(most, mostInside);
    }

    [Fact]
    public async Task A_batch_that_is_still_built_is_waited_for_at_the_schedules_pace()
    {
        await using var engine = await StartAsync(options => options.PollSchedule = PollSchedule.Parse("30s"));
        var id = await engine.BuildAsync();
        using var submit = world.Time.CreateTimer(_ => Task.Run(() => engine.Client.SubmitAsync(id)).GetAwaiter().GetResult(), null, TimeSpan.FromSeconds(31), Timeout.InfiniteTimeSpan);

        await RunToEndAsync(engine, id);

        Assert.Equal(Seconds(35), submits);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_ends_and_leaves_the_batch_to_the_next()
    {
        runningFor = 3;
        await using var engine = await StartAsync();
        var id = await SubmittedAsync(engine);
        using var stop = new CancellationTokenSource();
        using var atNap = world.Time.CreateTimer(_ => stop.Cancel(), null, TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.Client.RunToEndAsync(id, stop.Token).WaitAsync(TimeSpan.FromMinutes(1)));

        Assert.Equal(TimeSpan.FromSeconds(20), Passed);
        Assert.Equal(BatchStatus.Completed, (await RunToEndAsync(engine, id)).Status);
    }

    public void Dispose() => world.Dispose();

    private Task<Engine> StartAsync(Action<OffpeakOptions>? options = null) => Engine.StartAsync(
        world,
        options,
        services => services.AddSingleton<TimeProvider>(clock).AddSingleton(handler),
        build => build.AddHandler<ScriptedHandler>("scripted"));

    private static async Task<long> SubmittedAsync(Engine engine, int entries = 1, NewBatch? description = null, params NewEntry[] more)
    {
        var id = await engine.BuildAsync(entries, description);
        if (more.Length > 0)
            await engine.Client.AddEntriesAsync(id, more);
        await engine.Client.SubmitAsync(id);
        return id;
    }

    private static TimeSpan[] Seconds(params int[] seconds) => [.. seconds.Select(value => TimeSpan.FromSeconds(value))];

    private static ProviderException Unreachable() => new(ProviderErrorClass.Unreachable, "There is no such host.");

    private void FailSubmit(int times, Exception error) => world.Provider.BeforeCreate = _ =>
    {
        submits.Enqueue(Passed);
        return submits.Count <= times ? throw error : Task.CompletedTask;
    };

    private Task<BatchInfo> RunToEndAsync(Engine engine, long id) => BoundedAsync(ct => engine.Client.RunToEndAsync(id, ct));

    private Task<BatchInfo> RunUntilAcceptedAsync(Engine engine, long id) => BoundedAsync(ct => engine.Client.RunUntilAcceptedAsync(id, ct));

    // One that never comes to its end fails instead of running on; the naps cost no time.
    private async Task<BatchInfo> BoundedAsync(Func<CancellationToken, Task<BatchInfo>> run)
    {
        using var stop = new CancellationTokenSource();
        await using var tooLong = world.Time.CreateTimer(_ => stop.Cancel(), null, NappingClock.Longest * MostNaps, Timeout.InfiniteTimeSpan);
        return await run(stop.Token).WaitAsync(TimeSpan.FromMinutes(1));
    }
}
