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
}
