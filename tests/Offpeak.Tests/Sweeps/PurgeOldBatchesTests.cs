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

    private static async Task<long> FinishAsync(Engine engine)
    {
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
