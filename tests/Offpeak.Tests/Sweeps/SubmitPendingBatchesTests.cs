using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

public sealed class SubmitPendingBatchesTests
{
    [Fact]
    public async Task RunOnce_before_the_batch_is_submitted_sends_nothing()
    {
        await using var engine = await Engine.StartAsync();
        await engine.BuildAsync();

        Assert.Equal(default, await engine.Submit.RunOnceAsync());
        Assert.Empty(engine.Provider.Batches);
    }

    [Fact]
    public async Task RunOnce_one_failing_submit_does_not_stop_the_others()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxConcurrency.Submits = 1);
        var bad = await engine.BuildAsync();
        var good = await engine.BuildAsync();
        await engine.Client.SubmitAsync(bad);
        await engine.Client.SubmitAsync(good);
        var calls = 0;
        engine.Provider.AfterCreate = _ => ++calls == 1 ? throw new InvalidOperationException("broken") : Task.CompletedTask;

        var result = await engine.Submit.RunOnceAsync();

        Assert.Equal(new SweepResult(2, 2, 0), result);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(bad)).Status);
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(good)).Status);
    }

    [Fact]
    public async Task RunOnce_provider_that_asks_to_wait_is_not_called_again_before()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient(TimeSpan.FromMinutes(20));
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;

        engine.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(default, await engine.Submit.RunOnceAsync());
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task RunOnce_no_capacity_at_the_create_call_waits_and_submits_under_the_same_key()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw new ProviderException(ProviderErrorClass.Capacity, "The queue is full.");
        var id = await engine.SubmitAsync();
        var before = await engine.ShardAsync(id);
        engine.Provider.BeforeCreate = null;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Submit.RunOnceAsync();

        Assert.Equal((ShardStatus.Pending, "The queue is full."), (before.Status, before.Trouble?.Message));
        Assert.Equal(before.SubmissionKey.Value, engine.Provider.Only.Key);
    }

    [Fact]
    public async Task RunOnce_refused_key_pauses_with_a_reason_is_reported_once_and_goes_on_when_the_key_works()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Unauthorized();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        var paused = await engine.ShardAsync(id);

        engine.Provider.BeforeCreate = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal((ShardStatus.Pending, "The key was refused."), (paused.Status, paused.Trouble?.Message));
        Assert.Single(engine.Reports);
        var resumed = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, null), (resumed.Status, resumed.Trouble?.Message));
    }

    [Fact]
    public async Task RunOnce_answer_that_cannot_be_understood_is_reported_shown_and_tried_again()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Unexpected();
        var id = await engine.SubmitAsync();

        Assert.Contains(engine.Reports, report => (report.Component, report.BatchId) == ("submit_shard", id));
        Assert.Equal("The answer cannot be understood.", (await engine.ShardAsync(id)).Trouble?.Message);
        engine.Provider.BeforeCreate = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_shard_of_a_provider_that_is_not_registered_is_reported_once_and_waits_visibly()
    {
        using var world = new World();
        await using (var before = await Engine.StartAsync(world, more: WithGone))
            await before.Client.SubmitAsync(await before.BuildAsync(1, new NewBatch("gone/model")));
        await using var engine = await Engine.StartAsync(world);
        for (var minute = 0; minute < 60; minute++)
        {
            await engine.Submit.RunOnceAsync();
            engine.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Single(engine.Reports);
        var shard = await engine.ShardAsync(1);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Unregistered, true), (shard.Status, shard.Trouble!.Class, shard.Trouble.IsPaused));

        await using var after = await Engine.StartAsync(world, more: WithGone);
        await after.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await after.ShardAsync(1)).Status);

        static void WithGone(IServiceCollection services) => services.AddSingleton<IBatchProvider>(new FakeProvider("gone"));
    }

    [Fact]
    public async Task RunOnce_absurd_wait_that_a_provider_asks_for_is_cut_to_a_day()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw new ProviderException(ProviderErrorClass.RateLimited, "Later.") { RetryAfter = TimeSpan.FromSeconds(int.MaxValue) };
        var id = await engine.SubmitAsync();

        Assert.Equal(TimeSpan.FromDays(1), (await engine.ShardAsync(id)).NextSubmitAt - engine.Now);
    }
}
