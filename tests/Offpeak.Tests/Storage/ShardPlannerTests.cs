using Offpeak.Flow.Submit;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Storage;

public sealed class ShardPlannerTests
{
    [Fact]
    public async Task Planner_that_another_one_has_overtaken_makes_no_shard()
    {
        using var world = new World();
        await using var quick = await Engine.StartAsync(world);
        await using var slow = await Engine.StartAsync(world);
        var id = await quick.BuildAsync(3);
        var batch = await quick.BatchAsync(id);

        Assert.NotNull(await quick.Get<ShardPlanner>().PlanAsync(batch, round: 1, most: null, CancellationToken.None));
        Assert.Null(await slow.Get<ShardPlanner>().PlanAsync(await WithEntriesAgainAsync(slow, id, batch), round: 1, most: null, CancellationToken.None));

        Assert.Equal([3], (await quick.ShardsAsync(id)).Select(shard => shard.EntryCount));
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(5_001)]
    public async Task Planner_reads_on_after_a_full_page(int entries)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(entries);

        await engine.Get<ShardPlanner>().PlanAsync(await engine.BatchAsync(id), round: 1, most: null, CancellationToken.None);

        Assert.Equal(entries, Assert.Single(await engine.ShardsAsync(id)).EntryCount);
    }

    // What the slow one read before the quick one planned: the entries still waited then.
    private static async Task<Offpeak.Storage.BatchRow> WithEntriesAgainAsync(Engine engine, long id, Offpeak.Storage.BatchRow batch)
    {
        await engine.ExecuteAsync($"UPDATE offpeak_entries SET shard_id = NULL WHERE batch_id = {id};");
        return batch;
    }
}
