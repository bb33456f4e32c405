using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class EstimateAgreesTests
{
    [Fact]
    public async Task Estimate_counts_the_shards_that_a_submit_plans()
    {
        await using var engine = await Engine.StartAsync();
        NewEntry[] entries = [Engine.Entry("a", "m1"), Engine.Entry("b", "m2")];
        var estimate = await engine.Client.EstimateAsync(new NewBatch("fake/model-1"), entries.ToAsyncEnumerable());
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1"));
        await engine.Client.AddEntriesAsync(batch.Id, entries);
        await engine.Client.SubmitAsync(batch.Id);

        Assert.Equal((await engine.ShardsAsync(batch.Id)).Count, estimate.Shards);
    }

    [Fact]
    public async Task Estimate_prices_each_entry_by_its_own_model()
    {
        await using var engine = await Engine.StartAsync(options =>
        {
            options.Prices["fake/model-1"] = new(1);
            options.Prices["fake/dear"] = new(1000);
        });
        NewEntry[] dear = [Engine.Entry("a", "dear")];
        var estimate = await engine.Client.EstimateAsync(new NewBatch("fake/model-1"), dear.ToAsyncEnumerable());
        var asDear = await engine.Client.EstimateAsync(new NewBatch("fake/dear"), dear.ToAsyncEnumerable());

        Assert.Equal(asDear.LowestCost, estimate.LowestCost);
    }
}
