using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Offpeak.Batches;
using Offpeak.PostgreSql.Tests.Support;
using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class StoreTests
{
    [PostgresFact]
    public async Task UsePostgreSql_Url_MakesTheTablesAndKeepsABatch()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var services = new ServiceCollection()
            .AddOffpeak(offpeak => offpeak.UsePostgreSql(database.Url, options => options.Schema = "jobs"))
            .BuildServiceProvider();

        await services.GetRequiredService<DatabaseSetup>().RunAsync();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();

        var store = services.GetRequiredService<IOffpeakStore>();
        Assert.NotNull(await store.FindBatchAsync((await Make.BatchAsync(store)).Id, default));
    }

    [Fact]
    public void UsePostgreSql_AddressThatCannotBeRead_FailsAtOnce() =>
        Assert.Throws<OffpeakException>(() => new ServiceCollection().AddOffpeak(offpeak => offpeak.UsePostgreSql("postgres://")));

    [PostgresFact]
    public async Task MigrateAsync_NoSuchDatabase_SaysSo()
    {
        using var store = new PostgreSqlStore((await PostgresServer.GetAsync()).Url("nowhere"), new PostgreSqlOptions());

        var error = await Assert.ThrowsAsync<OffpeakException>(() => store.MigrateAsync(default));

        Assert.Equal(OffpeakErrorCode.Database, error.Code);
    }

    [PostgresFact]
    public async Task FindTablesAsync_ElsewhereOrNowhere_SaysSoAndMakesNone()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        using var plain = new PostgreSqlStore(database.Url, new PostgreSqlOptions());
        using var own = new PostgreSqlStore(database.Url, new PostgreSqlOptions { Schema = "my jobs" });

        var before = await plain.FindTablesAsync(default);
        await own.MigrateAsync(default);
        var (elsewhere, here) = (await plain.FindTablesAsync(default), await own.FindTablesAsync(default));

        Assert.Equal((false, 0), (before.AreThere, before.OtherSchemas.Count));
        Assert.Equal((false, "\"my jobs\""), (elsewhere.AreThere, Assert.Single(elsewhere.OtherSchemas)));
        Assert.True(here.AreThere);
    }

    [PostgresFact]
    public async Task In_ACallersTransaction_HoldsWhenItCommitsAndLeavesItsSearchPath()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        using var store = new PostgreSqlStore(database.ConnectionString, new PostgreSqlOptions { Schema = "my jobs" });
        await store.MigrateAsync(default);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();

        foreach (var commits in (bool[])[false, true])
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var batch = await Make.RunningAsync(store.In(transaction), 3);
            await using var path = new NpgsqlCommand("SELECT current_setting('search_path')", connection);
            Assert.Equal("\"$user\", public", await path.ExecuteScalarAsync());
            Assert.Null(await store.FindBatchAsync(batch.Id, default));
            if (commits)
                await transaction.CommitAsync();
            else
                await transaction.RollbackAsync();

            Assert.Equal(commits, await store.FindBatchAsync(batch.Id, default) is not null);
        }
    }

    [PostgresFact]
    public async Task Lease_RunsOutByTheServersClock_OrByTheGivenOne()
    {
        await using var database = await TestStore.CreateAsync();
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var given = database.AddStore(new PostgreSqlOptions { Clock = clock });
        var batch = await Make.BatchAsync(given);
        Assert.Equal(clock.GetUtcNow(), batch.CreatedAt);
        Assert.Equal(clock.GetUtcNow(), await given.GetTimeAsync(default));
        var held = (await given.TryChangeBatchAsync(batch, new BatchChange { Lease = new LeaseChange("one", Make.Lease) }, default))!;
        Assert.Equal(clock.GetUtcNow() + Make.Lease, held.LeaseUntil);

        Assert.Null(await given.TryChangeBatchAsync(held, new BatchChange { Lease = new LeaseChange("two", Make.Lease) }, default));
        // The server's clock says some other year, in which the lease has not begun.
        Assert.Null(await database.Store.TryChangeBatchAsync(held, new BatchChange { Lease = new LeaseChange("two", Make.Lease) }, default));
        clock.Advance(Make.Lease);
        Assert.NotNull(await given.TryChangeBatchAsync(held, new BatchChange { Lease = new LeaseChange("two", Make.Lease) }, default));
        Assert.True(await database.Store.GetTimeAsync(default) < clock.GetUtcNow());
    }

    [PostgresFact]
    public async Task FindSubmitsDue_ShardOfALaterRound_IsNotDue()
    {
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.RunningAsync(database.Store, 2);
        var due = await Make.ShardAsync(database.Store, batch.Id, 1, round: 1);
        await Make.ShardAsync(database.Store, batch.Id, 1, round: 2);

        var page = await database.Store.FindSubmitsDueAsync(0, 10, default);

        Assert.Equal(due.Id, Assert.Single(page.Rows).Id);
    }

    [PostgresFact]
    public async Task Sweeps_FindWhatIsTheirs()
    {
        await using var database = await TestStore.CreateAsync();
        var store = database.Store;
        var batch = await Make.RunningAsync(store, 2, new BatchRow { Handler = "known" });
        var shard = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 1), "worker");
        await Make.ShardAsync(store, batch.Id, 1);

        Assert.Equal(["worker"], await store.ListLeaseOwnersAsync(default));
        Assert.Equal(["sim"], await store.ListOpenProvidersAsync(default));
        Assert.Equal(2, (await store.FindOldShardsAsync("sim", TimeSpan.Zero, TimeSpan.Zero, 0, 10, default)).Rows.Count);
        Assert.Empty((await store.FindOldShardsAsync("sim", TimeSpan.FromHours(1), TimeSpan.FromHours(1), 0, 10, default)).Rows);
        Assert.False(await store.HasOthersUnderWayAsync(shard, default));
        Assert.Equal(1, await store.SumEntryIdLengthsAsync(shard.Id, default));
        Assert.Empty((await store.FindBetweenStepsAsync(0, 10, default)).Rows);
        Assert.Empty((await store.ResumePollsAsync(TimeSpan.Zero, [], 0, 10, default)).Rows);
        Assert.Equal(shard.Id, Assert.Single((await store.ResumePollsAsync(TimeSpan.Zero, ["worker"], 0, 10, default)).Rows).ShardId);

        shard = (await store.FindShardAsync(shard.Id, default))!;
        shard = (await store.TryChangeShardAsync(
            shard,
            new ShardChange { Status = ShardStatus.Ended, EndedAt = When.Now, ResultsFetchedAt = When.Now, NextCleanUpAt = When.Now },
            new EntryChange(EntryStatus.Submitted, EntryStatus.Failed, "code", "message"),
            default))!;
        Assert.Equal(shard.Id, Assert.Single((await store.FindUncleanedAsync(0, 10, default)).Rows).Id);

        var current = (await store.FindBatchAsync(batch.Id, default))!;
        Assert.Equal(1, current.FailedCount);
        var ended = (await store.TryChangeBatchAsync(
            current,
            new BatchChange { Status = BatchStatus.Completed, FinishedAt = When.Now, DispatchId = "d", NextDispatchAt = When.Now, CancelsPendingShards = true },
            default))!;
        Assert.Equal([batch.Id], (await store.FindDueDispatchesAsync(["known"], [], 0, 10, default)).Rows);
        Assert.Equal(1, (await store.NoteUnknownHandlersAsync([], TimeSpan.Zero, "No handler ", default))["known"]);
        Assert.Empty((await store.NoteUnknownHandlersAsync([], TimeSpan.FromHours(1), "No handler ", default)));
        Assert.Equal([batch.Id], (await store.FindDueDispatchesAsync(["known"], [], 0, 10, default)).Rows);
        Assert.Empty((await store.FindPurgeableAsync(TimeSpan.Zero, 0, 10, default)).Rows);
        ended = (await store.FindBatchAsync(batch.Id, default))!;
        ended = (await store.TryChangeBatchAsync(ended, new BatchChange { Lease = new LeaseChange("handler", Make.Lease) }, default))!;
        Assert.True(await store.TryCompleteDispatchAsync(ended, "handler", null, default));
        Assert.Equal(batch.Id, Assert.Single((await store.FindPurgeableAsync(TimeSpan.Zero, 0, 10, default)).Rows).Id);
        Assert.True(await store.TryClaimSweepAsync("purge", TimeSpan.FromHours(1), default));
        Assert.False(await store.TryClaimSweepAsync("purge", TimeSpan.FromHours(1), default));
    }
}
