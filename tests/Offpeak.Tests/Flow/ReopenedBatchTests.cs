using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>What a retry gives a batch again: the rounds it was given at first, and time for its provider.</summary>
public sealed class ReopenedBatchTests
{
    [Fact]
    public async Task A_batch_of_one_round_is_asked_again_for_one_round()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = Results.Busy;
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { MaxRounds = 1 });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Single(engine.Provider.Batches);

        await engine.Client.RetryAsync(id);
        for (var round = 0; round < 5 && !(await engine.BatchAsync(id)).Status.IsTerminal(); round++)
        {
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
            engine.Provider.Set(ProviderBatchState.Ended);
            await engine.PollAsync(id);
        }

        Assert.Equal(2, engine.Provider.Batches.Count);
    }

    [Fact]
    public async Task A_retry_of_an_old_batch_waits_for_its_provider_as_long_as_any_other()
    {
        using var world = new World();
        var other = new FakeProvider("gone") { Answer = Results.Refused };
        long id;
        await using (var with = await Engine.StartAsync(world, null, services => services.AddSingleton<IBatchProvider>(other)))
        {
            id = await with.SubmitAsync(1, new NewBatch("gone/m"));
            other.Set(ProviderBatchState.Ended);
            await with.PollAsync(id);
            Assert.Equal(BatchStatus.Completed, (await with.BatchAsync(id)).Status);
        }

        world.Time.Advance(TimeSpan.FromDays(8));
        await using var engine = await Engine.StartAsync(world);
        await engine.Client.RetryAsync(id);
        await engine.DeliverAsync();
        for (var sweep = 0; sweep < 2; sweep++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(5));
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
        }

        Assert.Equal((BatchStatus.Running, 0), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).FailedCount));
    }
}
