using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

public sealed class PurgeOldBatchesTests
{
    [Fact]
    public async Task RunOnce_is_off_by_default()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(10_000));

        Assert.Equal(default, await engine.Purge.RunOnceAsync());
        Assert.NotNull(await engine.Client.FindAsync(id));
    }

    [Fact]
    public async Task RunOnce_deletes_finished_batches_of_that_age_with_prompts_and_answers_and_no_others()
    {
        await using var engine = await Engine.StartAsync(options => options.PurgeAfter = TimeSpan.FromDays(30));
        var old = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(30));
        var recent = await FinishAsync(engine);
        var running = await engine.SubmitAsync();

        await engine.Purge.RunOnceAsync();

        Assert.Null(await engine.Client.FindAsync(old));
        Assert.NotNull(await engine.Client.FindAsync(recent));
        Assert.NotNull(await engine.Client.FindAsync(running));
        Assert.Equal((2L, 1L), (await engine.CountAsync("offpeak_entry_requests"), await engine.CountAsync("offpeak_entry_results")));
    }

    [Fact]
    public async Task RunOnce_spares_answers_whose_handler_never_succeeded()
    {
        var handler = new ScriptedHandler { OnRun = _ => throw new InvalidOperationException("broken") };
        await using var engine = await Engine.StartAsync(
            options =>
            {
                options.PurgeAfter = TimeSpan.FromDays(30);
                options.HandlerMaxAttempts = 1;
            },
            services => services.AddSingleton(handler),
            build => build.AddHandler<ScriptedHandler>("scripted"));
        var id = await FinishAsync(engine, new NewBatch("fake/model-1") { Handler = "scripted" });
        Assert.NotNull((await engine.BatchAsync(id)).DispatchParkedAt);
        engine.Time.Advance(TimeSpan.FromDays(31));

        await engine.Purge.RunOnceAsync();
        Assert.NotNull(await engine.Client.FindAsync(id));

        handler.OnRun = null;
        await engine.Client.RetryAsync(id);
        await engine.DeliverAsync();
        await engine.Purge.RunOnceAsync();
        Assert.Null(await engine.Client.FindAsync(id));
    }

    [Fact]
    public async Task RunOnce_spares_a_batch_that_was_reopened_after_the_sweep_had_read_it()
    {
        using var world = new World();
        await using var operatorsProcess = await Engine.StartAsync(world);
        await using var engine = await Engine.StartAsync(world, options => options.PurgeAfter = TimeSpan.FromDays(30));
        world.Provider.Answer = Results.Refused;
        var id = await FinishAsync(engine);
        world.Provider.Answer = Results.Ok;
        engine.Time.Advance(TimeSpan.FromDays(31));
        engine.Hooks.Once("TryChangeBatchAsync", async () =>
        {
            await operatorsProcess.Client.RetryAsync(id);
            await operatorsProcess.Submit.RunOnceAsync();
        });

        Assert.Equal(new SweepResult(1, 0, 0), await engine.Purge.RunOnceAsync());

        Assert.Equal((BatchStatus.Completed, 1), ((await operatorsProcess.FinishAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task RunOnce_spares_a_batch_of_which_something_showed_at_its_provider_after_the_sweep_had_read_it()
    {
        await using var engine = await Engine.StartAsync(options => options.PurgeAfter = TimeSpan.FromDays(30));
        var id = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(31));
        engine.Hooks.Once("TryChangeBatchAsync", () => engine.ExecuteAsync("UPDATE offpeak_shards SET cleaned_up_at = NULL, next_clean_up_at = '2026-11-01 00:00:00'"));

        Assert.Equal(new SweepResult(1, 0, 0), await engine.Purge.RunOnceAsync());

        Assert.NotNull(await engine.Client.FindAsync(id));
    }

    [Fact]
    public async Task RunOnce_waits_until_nothing_is_left_at_the_provider()
    {
        await using var engine = await Engine.StartAsync(options => options.PurgeAfter = TimeSpan.FromDays(1));
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await FinishAsync(engine);
        engine.Time.Advance(TimeSpan.FromDays(2));
        await engine.Purge.RunOnceAsync();
        Assert.NotNull(await engine.Client.FindAsync(id));

        engine.Provider.OnCleanUp = null;
        await engine.CleanUp.RunOnceAsync();
        await engine.Purge.RunOnceAsync();

        Assert.Null(await engine.Client.FindAsync(id));
    }

    private static async Task<long> FinishAsync(Engine engine, NewBatch? description = null)
    {
        var id = await engine.SubmitAsync(1, description);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
