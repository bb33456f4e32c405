using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>Files with prompts and answers do not stay at a provider because one call failed.</summary>
public sealed class CleanUpProviderFilesTests
{
    [Fact]
    public async Task RunOnce_tries_again_what_failed_an_hour_later_and_stops_when_it_is_done()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await FinishAsync(engine);
        engine.Provider.OnCleanUp = null;

        await engine.CleanUp.RunOnceAsync();
        Assert.Null((await engine.ShardAsync(id)).CleanedUpAt);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.CleanUp.RunOnceAsync();

        Assert.Equal(engine.Now, (await engine.ShardAsync(id)).CleanedUpAt);
        engine.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(default, await engine.CleanUp.RunOnceAsync());
        Assert.Equal(2, engine.Provider.CleanedUp.Count);
    }

    [Fact]
    public async Task RunOnce_takes_up_what_a_process_left_that_died_after_it_had_stored_the_results()
    {
        using var world = new World();
        Engine? first = null;
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (point == FlowPoint.ResultsRecorded)
                    first!.Hooks.Kill();
            },
        };
        await using var started = first = await Engine.StartAsync(world, more: services => services.AddSingleton(probe));
        world.Provider.OnCleanUp = _ => throw new KilledException();
        var id = await first.SubmitAsync();
        world.Provider.Set(ProviderBatchState.Ended);
        await Record.ExceptionAsync(() => first.PollAsync(id));
        await using var next = await Engine.StartAsync(world);
        Assert.Equal((true, false), ((await next.ShardAsync(id)).ResultsFetchedAt is not null, (await next.ShardAsync(id)).CleanedUpAt is not null));

        world.Provider.OnCleanUp = null;
        await next.CleanUp.RunOnceAsync();

        Assert.NotNull((await next.ShardAsync(id)).CleanedUpAt);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("cancelled")]
    public async Task RunOnce_deletes_what_a_submit_has_left_that_came_to_nothing(string how)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnAbandon = _ => throw Fault.Transient();
        engine.Provider.BeforeCreate = _ => throw (how == "refused" ? Fault.Refused() : Fault.Transient());
        var id = await engine.SubmitAsync();
        if (how == "cancelled")
            await engine.Client.CancelAsync(id);

        Assert.True((await engine.BatchAsync(id)).Status.IsTerminal());
        engine.Provider.OnAbandon = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.CleanUp.RunOnceAsync();

        Assert.Equal((await engine.ShardAsync(id)).SubmissionKey.Value, engine.Provider.Abandoned.Last());
        Assert.NotNull((await engine.ShardAsync(id)).CleanedUpAt);
    }

    [Fact]
    public async Task RunOnce_stops_trying_when_the_provider_has_certainly_deleted_it_by_itself()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Unauthorized();
        var id = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(31));
        await engine.CleanUp.RunOnceAsync();

        Assert.NotNull((await engine.ShardAsync(id)).CleanedUpAt);
        Assert.Single(engine.Reports);
    }

    [Fact]
    public async Task RunOnce_says_what_it_found_and_what_is_done()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new SweepResult(1, 0, 0), await engine.CleanUp.RunOnceAsync());

        engine.Provider.OnCleanUp = null;
        engine.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(new SweepResult(1, 1, 0), await engine.CleanUp.RunOnceAsync());
    }

    [Fact]
    public async Task RunOnce_goes_on_trying_for_as_long_as_a_provider_may_keep_it_to_the_second()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Unauthorized();
        var id = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(30));
        await engine.CleanUp.RunOnceAsync();
        Assert.Equal((null, engine.Now.AddHours(1)), ((await engine.ShardAsync(id)).CleanedUpAt, (await engine.ShardAsync(id)).NextCleanUpAt));
        Assert.Empty(engine.Reports);

        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.CleanUp.RunOnceAsync();

        Assert.NotNull((await engine.ShardAsync(id)).CleanedUpAt);
        Assert.Single(engine.Reports);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancel_stops_at_once_what_an_interrupted_submit_has_begun(bool journals)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Journals = journals;
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();

        await engine.Client.CancelAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal(shard.SubmissionKey.Value, Assert.Single(engine.Provider.Abandoned));
        Assert.Equal((ShardStatus.Canceled, null, null), (shard.Status, shard.FailureCode, shard.FailureReason));
        Assert.NotNull(shard.NextCleanUpAt);
    }

    [Fact]
    public async Task Cancel_of_what_was_never_begun_asks_no_provider_and_leaves_nothing_to_clean_up()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);

        await engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Empty(engine.Provider.Abandoned);
        Assert.Equal((ShardStatus.Canceled, null), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).NextCleanUpAt));
    }

    [Fact]
    public async Task Cancel_is_done_also_if_what_was_begun_cannot_be_stopped_just_now()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        engine.Provider.OnAbandon = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();

        await engine.Client.CancelAsync(id);

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal(id, Assert.Single(engine.Reports).BatchId);
    }

    private static async Task<long> FinishAsync(Engine engine)
    {
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
