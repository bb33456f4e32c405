using Microsoft.Extensions.Options;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>An account's queue of tokens that is smaller than what is to be sent.</summary>
public sealed class CapacityTests
{
    private const int Room = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shard_that_alone_does_not_fit_is_halved_until_it_does(bool refusedAtTheCreateCall)
    {
        await using var engine = await Engine.StartAsync();
        if (refusedAtTheCreateCall)
            engine.Provider.BeforeCreate = submission => submission.Shard.EntryCount > Room ? throw Full() : Task.CompletedTask;
        else
            engine.Provider.OnStatus = batch => Task.FromResult(batch.Entries.Count > Room ? Refused() : Ended());

        var id = await engine.SubmitAsync(10);
        await GoOnAsync(engine, id, hours: 40);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.SucceededCount));
        Assert.InRange(engine.Provider.Batches.Count, 4, 16);
        Assert.Equal(10, engine.Provider.Batches.Where(sent => sent.Entries.Count <= Room).Sum(sent => sent.Entries.Count));
    }

    [Fact]
    public async Task Shard_waits_as_it_is_while_another_of_ours_is_in_the_queue()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 5 };
        engine.Provider.BeforeCreate = _ => engine.Provider.Batches.Any(sent => sent.Snapshot.State == ProviderBatchState.Running) ? throw Full() : Task.CompletedTask;
        var id = await engine.SubmitAsync(10);
        for (var hour = 0; hour < 5; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
        }

        Assert.Equal([ShardStatus.Submitted, ShardStatus.Pending], (await engine.ShardsAsync(id)).Select(shard => shard.Status));

        engine.Provider.Set(ProviderBatchState.Ended);
        await GoOnAsync(engine, id, hours: 3);
        Assert.Equal(10, (await engine.BatchAsync(id)).SucceededCount);
        Assert.Equal(2, engine.Provider.Batches.Count);
    }

    [Fact]
    public async Task One_entry_that_never_fits_is_reported_once_and_given_up_in_the_end()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Full();
        var id = await engine.SubmitAsync();
        await GoOnAsync(engine, id, hours: 24 * 8);

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
        Assert.Single(engine.Reports, report => report.Exception.Message.Contains("no room even for one entry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limit_on_enqueued_tokens_counts_over_batches_and_processes()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var running = await one.SubmitAsync(3);
        var most = (await one.ShardAsync(running)).EnqueuedTokens * 3 / 2;
        two.Get<IOptions<OffpeakOptions>>().Value.MaxEnqueuedTokens["fake/model-1"] = most;

        var waiting = await two.SubmitAsync(3);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Capacity), ((await two.ShardAsync(waiting)).Status, (await two.ShardAsync(waiting)).Trouble!.Class));
        Assert.Single(world.Provider.Batches);

        world.Provider.Set(ProviderBatchState.Ended);
        await one.PollAsync(running);
        world.Time.Advance(TimeSpan.FromHours(1));
        await two.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await two.ShardAsync(waiting)).Status);
    }

    [Fact]
    public async Task Shards_are_planned_no_larger_than_the_limit_on_enqueued_tokens()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxEnqueuedTokens["fake"] = 10);
        var id = await engine.SubmitAsync(10);

        var shards = await engine.ShardsAsync(id);
        Assert.All(shards, shard => Assert.InRange(shard.EnqueuedTokens, 1, 10));
        Assert.Equal((10, 1), (shards.Sum(shard => shard.EntryCount), shards.Count(shard => shard.Status == ShardStatus.Submitted)));
    }

    private static async Task GoOnAsync(Engine engine, long id, int hours)
    {
        for (var hour = 0; hour < hours && !(await engine.BatchAsync(id)).Status.IsTerminal(); hour++)
        {
            if (engine.Provider.OnStatus is null)
                engine.Provider.Set(ProviderBatchState.Ended);

            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
            await engine.Expire.RunOnceAsync();
        }
    }

    private static ProviderException Full() => new(ProviderErrorClass.Capacity, "The queue is full.");

    private static ProviderSnapshot Ended() => new() { State = ProviderBatchState.Ended };

    private static ProviderSnapshot Refused() => new()
    {
        State = ProviderBatchState.Failed,
        Failure = new ProviderFailure(ProviderErrorClass.Capacity, "token_limit_exceeded", "Enqueued token limit reached."),
    };
}
