using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Hosting;

/// <summary>The workers and sweeps as a host runs them, on the machine's own clock.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Handlers_that_take_all_their_slots_hold_up_no_poll_of_another_batch()
    {
        using var world = new World();
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var handler = new ScriptedHandler();
        handler.OnRun = _ =>
        {
            if (handler.Runs.Count == new ConcurrencyOptions().Handlers)
                running.TrySetResult();
            return release.Task;
        };
        world.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Ended });
        using var host = await StartAsync(world, build => build.AddHandler<ScriptedHandler>("slow"), services => services.AddSingleton(handler));
        var client = host.Services.GetRequiredService<BatchClient>();
        for (var i = 0; i < new ConcurrencyOptions().Handlers + 1; i++)
            await SubmitAsync(client, new NewBatch("fake/model-1") { Handler = "slow" });
        await running.Task.WaitAsync(Patience);

        var other = await client.WaitAsync(await SubmitAsync(client, new NewBatch("fake/model-1"))).WaitAsync(Patience);
        var runs = handler.Runs.Count;
        release.SetResult();
        await host.StopAsync();

        Assert.Equal((BatchStatus.Completed, new ConcurrencyOptions().Handlers), (other.Status, runs));
    }

    [Fact]
    public async Task Sweep_that_is_due_runs_when_a_process_starts_also_if_no_process_lives_as_long_as_its_interval()
    {
        using var world = new World();
        world.Provider.OnCleanUp = _ => throw Fault.Transient();
        await using (var before = await Engine.StartAsync(world))
        {
            var id = await before.SubmitAsync();
            world.Provider.Set(ProviderBatchState.Ended);
            await before.PollAsync(id);
        }

        world.Time.Advance(TimeSpan.FromDays(3));
        var cleanedUp = new TaskCompletionSource();
        world.Provider.OnCleanUp = _ =>
        {
            cleanedUp.TrySetResult();
            return Task.CompletedTask;
        };

        using var host = await StartAsync(world, build => build.RunWorkers(false), services => services.AddSingleton<TimeProvider>(world.Time));
        await cleanedUp.Task.WaitAsync(Patience);
        await host.StopAsync();
    }

    private static async Task<IHost> StartAsync(World world, Action<OffpeakBuilder> build, Action<IServiceCollection> more)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddSingleton<IBatchProvider>(world.Provider);
        more(builder.Services);
        builder.Services.AddOffpeak(offpeak =>
        {
            offpeak.UseSqlite(world.Path).Configure(options => options.PollSchedule = PollSchedule.Parse("50ms"));
            build(offpeak);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<long> SubmitAsync(BatchClient client, NewBatch description)
    {
        var batch = await client.CreateAsync(description);
        await client.AddEntriesAsync(batch.Id, [Engine.Entry("e1")]);
        await client.SubmitAsync(batch.Id);
        return batch.Id;
    }
}
