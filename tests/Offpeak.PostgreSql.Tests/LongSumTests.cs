using Offpeak.Batches;
using Offpeak.PostgreSql.Tests.Support;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

/// <summary>Costs are added up by the server, whose numbers have more digits than ours.</summary>
public sealed class LongSumTests
{
    [PostgresFact]
    public async Task A_sum_of_two_costs_that_each_can_be_read_can_be_read()
    {
        await using var database = await TestStore.CreateAsync();
        var store = database.Store;
        var batch = await Make.RunningAsync(store, 1);
        var first = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 1), "t");
        var entry = (await store.ReadShardRequestsAsync(first, false, 0, 1 << 20, default))[0].EntryId;
        await store.ApplyResultsAsync(first, "t", Make.Lease, [Make.Result(entry, EntryStatus.Pending, 0.0000000000000000000000000001m)], default);
        var second = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 1, round: 1), "t2");
        await store.ApplyResultsAsync(second, "t2", Make.Lease, [Make.Result(entry, cost: 12.5m)], default);

        Assert.Equal(12.5m, (await store.FindBatchAsync(batch.Id, default))!.Cost!.Value, 6);
        Assert.Equal(12.5m, (await store.ReadResultsAsync(batch.Id, 0, 1 << 20, default))[0].Entry.Cost!.Value, 6);
    }
}
