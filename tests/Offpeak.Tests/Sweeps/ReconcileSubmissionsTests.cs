using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Sweeps;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Sweeps;

/// <summary>Submits whose fate is unclear: adopted, proven absent, or shown to the operator. Never created blindly again.</summary>
public sealed class ReconcileSubmissionsTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task RunOnce_batch_whose_reply_was_lost_is_adopted_and_not_created_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);

        await engine.Submit.RunOnceAsync();
        await engine.Reconcile.RunOnceAsync();
        await engine.Submit.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "pb-1"), (shard.Status, shard.ProviderBatchId));
        Assert.Equal(engine.Now, shard.NextPollAt);
        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task RunOnce_provider_is_asked_for_what_was_made_since_a_little_before_the_first_create_call()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var began = engine.Now;
        await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromHours(1));
        DateTimeOffset? since = null;
        engine.Provider.OnFind = request =>
        {
            since = request.NotBefore;
            return FindResult.Absent;
        };

        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(began - TimeSpan.FromMinutes(10), since);
    }

    [Fact]
    public async Task RunOnce_crash_between_create_and_record_is_adopted_and_not_created_again()
    {
        using var world = new World();
        var id = await CrashAsync(world, FlowPoint.CreateReturned);
        await using var second = await RestartAsync(world);

        await second.Submit.RunOnceAsync();
        await second.Reconcile.RunOnceAsync();
        await second.Submit.RunOnceAsync();
        world.Provider.Set(ProviderBatchState.Ended);
        await second.DeliverAsync();

        Assert.Single(world.Provider.Batches);
        Assert.Equal(BatchStatus.Completed, (await second.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_crash_before_the_create_began_goes_back_to_pending_without_asking_the_provider()
    {
        using var world = new World();
        var id = await CrashAsync(world, FlowPoint.SubmitClaimed);
        await using var second = await RestartAsync(world);
        await second.ExecuteAsync("""UPDATE offpeak_shards SET journal = '{"file":"file-1"}'""");

        await second.Reconcile.RunOnceAsync();

        var shard = await second.ShardAsync(id);
        Assert.Equal((ShardStatus.Pending, "file-1"), (shard.Status, shard.Journal["file"]));
        Assert.Equal(0, world.Provider.Finds);
        await second.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await second.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_absent_batch_is_submitted_again_only_after_the_visibility_window()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        var key = (await engine.ShardAsync(id)).SubmissionKey;
        engine.Provider.BeforeCreate = null;

        engine.Time.Advance(Window - TimeSpan.FromSeconds(1));
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.Reconcile.RunOnceAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
        Assert.Equal(key.Value, engine.Provider.Only.Key);
    }

    [Fact]
    public async Task RunOnce_batch_that_shows_late_within_the_window_is_adopted()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Absent;
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Reconcile.RunOnceAsync();
        engine.Provider.OnFind = null;
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task RunOnce_provider_that_cannot_tell_leaves_it_to_the_operator_visibly_and_creates_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Unknown;
        for (var sweep = 0; sweep < 5; sweep++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Reconcile.RunOnceAsync();
            await engine.Submit.RunOnceAsync();
        }

        var shard = await engine.ShardAsync(id);
        Assert.Equal(ShardStatus.Unconfirmed, shard.Status);
        Assert.Contains("retry or cancel", shard.Trouble?.Message, StringComparison.Ordinal);
        Assert.Single(engine.Reports);
        Assert.Single(engine.Provider.Batches);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunOnce_proven_absence_is_counted_its_submit_passed_on_and_what_is_half_made_remembered(bool journals)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Journals = journals;
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Absent;
        engine.Time.Advance(TimeSpan.FromMinutes(2));
        var passed = new PassedWork();

        var result = await engine.Get<IEnumerable<ISweep>>().Single(sweep => sweep.Name == SweepName.ReconcileSubmissions)
            .RunOnceAsync(passed, withoutGrace: false, CancellationToken.None);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((new SweepResult(1, 1, 0), ShardStatus.Pending), (result, shard.Status));
        Assert.Equal([new WorkItem(WorkKind.Submit, shard.Id)], passed);
        Assert.Equal((null, null, journals), (shard.UnconfirmedAt, shard.Trouble, shard.CreateBegunAt is not null));
    }

    [Fact]
    public async Task RunOnce_resumable_submission_goes_on_at_once_under_the_same_key()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        engine.Provider.OnFind = _ => FindResult.Resumable;

        await engine.Reconcile.RunOnceAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_doubles_are_recorded_reported_and_cancelled()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.Add(engine.Provider.Only.Key, "model-1", []);

        await engine.Reconcile.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal("pb-1", shard.ProviderBatchId);
        Assert.Equal(["pb-2"], shard.Doubles);
        Assert.Equal(["pb-2"], engine.Provider.Canceled);
        Assert.Contains(engine.Reports, report => report.BatchId == id && report.Exception.Message.Contains("pb-2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunOnce_look_that_runs_out_of_time_leaves_it_unconfirmed_for_the_next_tick()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => throw new TaskCanceledException("HttpClient.Timeout");
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal((ShardStatus.Unconfirmed, ProviderErrorClass.Transient), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).Trouble!.Class));
        Assert.Empty(engine.Reports);

        engine.Provider.OnFind = null;
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal("pb-1", (await engine.ShardAsync(id)).ProviderBatchId);
    }

    [Fact]
    public async Task RunOnce_provider_in_trouble_leaves_it_unconfirmed_for_the_next_tick()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => throw Fault.Transient();
        engine.Time.Advance(TimeSpan.FromHours(1));

        var result = await engine.Reconcile.RunOnceAsync();

        Assert.Equal(new SweepResult(1, 0, 0), result);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        Assert.Equal("The provider is down.", (await engine.ShardAsync(id)).Trouble?.Message);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task RunOnce_submit_under_way_in_a_live_process_is_left_to_it()
    {
        using var world = new World();
        await CrashAsync(world, FlowPoint.CreateReturned);
        await using var other = await RestartAsync(world, firstIsDead: false);

        await other.Reconcile.RunOnceAsync();

        Assert.Equal(0, world.Provider.Finds);
    }

    [Fact]
    public async Task RunOnce_lease_of_another_machine_is_taken_over_only_after_it_ran_out()
    {
        using var world = new World();
        var id = await CrashAsync(world, FlowPoint.CreateReturned);
        await using var other = await RestartAsync(world, firstIsDead: false);

        world.Time.Advance(TimeSpan.FromSeconds(119));
        await other.Reconcile.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitting, (await other.ShardAsync(id)).Status);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await other.Reconcile.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await other.ShardAsync(id)).Status);
    }

    private static async Task<long> LoseReplyAsync(Engine engine)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;
        return id;
    }

    private static async Task<long> CrashAsync(World world, FlowPoint deadly)
    {
        Engine? first = null;
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (point != deadly)
                    return;

                first!.Hooks.Kill();
                throw new KilledException();
            },
        };
        await using var started = first = await Engine.StartAsync(
            world, more: services => services.AddSingleton(probe).AddSingleton<WorkerIdentity>(new TestWorker("first")));
        var id = await first.BuildAsync();
        await first.Client.SubmitAsync(id);
        var shard = await first.ShardAsync(id);
        await Assert.ThrowsAsync<KilledException>(() => first.RunAsync(new WorkItem(WorkKind.Submit, shard.Id)));
        return id;
    }

    private static Task<Engine> RestartAsync(World world, bool firstIsDead = true)
    {
        var worker = new TestWorker("second");
        if (firstIsDead)
            worker.Dead.Add("first");
        return Engine.StartAsync(world, more: services => services.AddSingleton<WorkerIdentity>(worker));
    }

    private sealed class PassedWork : List<WorkItem>, IWorkQueue
    {
        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
        {
            Add(item);
            return Task.CompletedTask;
        }
    }
}
