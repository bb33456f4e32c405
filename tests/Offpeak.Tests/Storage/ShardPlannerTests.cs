using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Storage;

public sealed class ShardPlannerTests
{
    [Fact]
    public async Task Planner_whose_entries_another_one_took_after_it_had_seen_them_makes_no_empty_shard()
    {
        using var world = new World();
        await using var quick = await Engine.StartAsync(world);
        var id = await quick.BuildAsync(3);
        var batch = await quick.BatchAsync(id);
        var meanwhile = new OnceAfterARead();
        await using var slow = await Engine.StartAsync(world, more: services => services.AddSingleton<IInterceptor>(meanwhile));

        meanwhile.Act = () => PlanAsync(quick, batch);

        Assert.False(await PlanAsync(slow, batch));
        Assert.Equal([3], (await quick.ShardsAsync(id)).Select(shard => shard.EntryCount));
    }

    private static Task<bool> PlanAsync(Engine engine, Batch batch) =>
        engine.Get<ShardPlanner>().PlanAsync(batch, round: 1, engine.Provider.Capabilities, () => { }, CancellationToken.None);

    private sealed class OnceAfterARead : DbCommandInterceptor
    {
        public Func<Task>? Act { get; set; }

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            var act = Act;
            Act = null;
            if (act is not null)
                await act();
            return result;
        }
    }
}
