using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class RetryBatchTests
{
    [Fact]
    public async Task Retry_failed_batch_asks_again_for_what_was_not_answered()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Refused();
        var id = await engine.SubmitAsync(2);
        engine.Provider.BeforeCreate = null;

        Assert.Equal(2, await engine.Client.RetryAsync(id));
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 2, null), (batch.Status, batch.SucceededCount, batch.FailureReason));
    }

    [Fact]
    public async Task Retry_gives_as_many_rounds_again_as_any_batch_has()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 3);
        engine.Provider.Answer = Results.Busy;
        var id = await engine.SubmitAsync();
        await engine.FinishAsync(id);
        Assert.Equal((3, 3), ((await engine.BatchAsync(id)).Round, (await engine.BatchAsync(id)).MaxRounds));

        await engine.Client.RetryAsync(id);
        await engine.Submit.RunOnceAsync();
        await engine.FinishAsync(id);

        Assert.Equal((6, 6), ((await engine.BatchAsync(id)).Round, (await engine.BatchAsync(id)).MaxRounds));
    }

    [Fact]
    public async Task Retry_does_not_send_again_what_was_lost_and_not_looked_for_yet()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;

        Assert.Equal(0, await engine.Client.RetryAsync(id));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task Retry_completed_batch_leaves_answered_entries_alone()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : Results.Refused(entry);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(1, await engine.Client.RetryAsync(id));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(["e2"], engine.Provider.Batches[1].Entries.Select(entry => entry.CustomId));
    }

    [Fact]
    public async Task Retry_batch_in_which_everything_was_answered_does_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(0, await engine.Client.RetryAsync(id));
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Retry_while_a_reconcile_is_adopting_does_not_send_again()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var id = await LeaveToOperatorAsync(one);
        one.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeShardAsync" && args[1] is ShardChange { ProviderBatchId.IsSet: true })
            {
                one.Hooks.OnCall = null;
                Assert.Equal(0, two.Client.RetryAsync(id).GetAwaiter().GetResult());
                two.Submit.RunOnceAsync().GetAwaiter().GetResult();
            }
        };
        await one.Reconcile.RunOnceAsync();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await two.Submit.RunOnceAsync();

        Assert.Single(world.Provider.Batches);
        Assert.Equal("pb-1", (await one.ShardAsync(id)).ProviderBatchId);
    }

    [Fact]
    public async Task Shard_that_a_reconcile_is_adopting_is_not_given_up()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var id = await LeaveToOperatorAsync(one);
        world.Time.Advance(TimeSpan.FromDays(8));
        one.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeShardAsync" && args[1] is ShardChange { ProviderBatchId.IsSet: true })
            {
                one.Hooks.OnCall = null;
                two.Expire.RunOnceAsync().GetAwaiter().GetResult();
            }
        };
        await one.Reconcile.RunOnceAsync();

        Assert.Equal((ShardStatus.Submitted, "pb-1"), ((await one.ShardAsync(id)).Status, (await one.ShardAsync(id)).ProviderBatchId));
    }

    // The provider could not tell at first; from now on it can.
    private static async Task<long> LeaveToOperatorAsync(Engine engine)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;
        engine.Provider.OnFind = _ => FindResult.Unknown;
        await engine.Reconcile.RunOnceAsync();
        engine.Provider.OnFind = null;
        return id;
    }

    [Fact]
    public async Task Retry_unconfirmed_provider_batch_is_released_to_be_submitted_again()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        engine.Provider.OnFind = _ => FindResult.Unknown;
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(1, await engine.Client.RetryAsync(id));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Retry_parked_handler_runs_again()
    {
        var handler = new ScriptedHandler { OnRun = _ => throw new InvalidOperationException("broken") };
        await using var engine = await Engine.StartAsync(
            options => options.HandlerMaxAttempts = 1,
            services => services.AddSingleton(handler),
            build => build.AddHandler<ScriptedHandler>("scripted"));
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.NotNull((await engine.BatchAsync(id)).DispatchParkedAt);
        handler.OnRun = null;

        Assert.Equal(1, await engine.Client.RetryAsync(id));
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        var batch = await engine.BatchAsync(id);
        Assert.NotNull(batch.HandlerDispatchedAt);
        Assert.Equal((null, null), (batch.DispatchParkedAt, batch.DispatchError));
    }

    [Fact]
    public async Task Retry_reopened_batch_runs_its_handler_again_under_a_new_dispatch_id()
    {
        var handler = new ScriptedHandler();
        await using var engine = await Engine.StartAsync(
            more: services => services.AddSingleton(handler), build: build => build.AddHandler<ScriptedHandler>("scripted"));
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        engine.Provider.Answer = Results.Refused;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        await engine.Client.RetryAsync(id);
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(2, handler.Runs.Count);
        Assert.Distinct(handler.Runs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_batch_that_was_never_submitted_is_refused(bool canceled)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        if (canceled)
            await engine.Client.CancelAsync(id);

        Assert.Equal(OffpeakErrorCode.InvalidState, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.RetryAsync(id))).Code);
    }

    [Fact]
    public async Task Retry_canceled_batch_asks_again_for_what_was_not_answered()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(2);
        await engine.Client.SubmitAsync(id);
        await engine.Client.CancelAsync(id);

        Assert.Equal(2, await engine.Client.RetryAsync(id));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(2, engine.Provider.Only.Entries.Count);
        Assert.Null((await engine.BatchAsync(id)).CancelRequestedAt);
    }
}
