using Npgsql;
using Offpeak.Batches;
using Offpeak.PostgreSql.Tests.Support;
using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class RaceTests
{
    [PostgresFact]
    public async Task ApplyResults_LosesADeadlock_IsDoneAgain()
    {
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.RunningAsync(database.Store, 1);
        var shard = await Make.AcceptedAsync(database.Store, await Make.ShardAsync(database.Store, batch.Id, 1), "reader");
        var entry = (await database.Store.ReadShardRequestsAsync(shard, onlyOpen: true, 0, 1, default))[0].EntryId;
        var worker = database.AddStore(settings: ";Application Name=worker;Options=-c deadlock_timeout=2s");
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        // Whoever looks for the deadlock first loses it: not this connection.
        await ExecuteAsync(connection, "SET deadlock_timeout = '1min'");
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"SELECT id FROM offpeak_batches WHERE id = {batch.Id} FOR UPDATE");

        var applying = worker.ApplyResultsAsync(shard, "reader", Make.Lease, [Make.Result(entry)], default);
        await WaitUntilWorkerWaitsAsync(database.ConnectionString);
        await ExecuteAsync(connection, $"UPDATE offpeak_shards SET version = version WHERE id = {shard.Id}");
        await transaction.CommitAsync();

        Assert.Equal(new AppliedResults(1, 0), await applying);
    }

    [PostgresFact]
    public async Task TryBeginSubmit_EightAtOnce_StayWithinTheQueueAndTheBudget()
    {
        await using var database = await TestStore.CreateAsync();
        var queued = new List<ShardRow>();
        for (var i = 0; i < 8; i++)
            queued.Add(await Make.ShardAsync(database.Store, (await Make.RunningAsync(database.Store, 1)).Id, 1));

        var paid = await Make.RunningAsync(database.Store, 8, new BatchRow { MaxCost = 1m });
        var shards = new List<ShardRow>();
        for (var i = 0; i < 8; i++)
            shards.Add(await Make.ShardAsync(database.Store, paid.Id, 1));

        var inQueue = await Task.WhenAll(queued.Select(shard => BeginAsync(shard, new SubmitLimits(MaxEnqueuedTokens: 35))));
        var inBudget = await Task.WhenAll(shards.Select(shard => BeginAsync(shard, new SubmitLimits(0.4m))));

        // Of 10 tokens each, and of $0.40 each.
        Assert.Equal((3, 5), (inQueue.Count(outcome => outcome == BeginOutcome.Begun), inQueue.Count(outcome => outcome == BeginOutcome.NoRoom)));
        Assert.Equal((2, 6), (inBudget.Count(outcome => outcome == BeginOutcome.Begun), inBudget.Count(outcome => outcome == BeginOutcome.BudgetReserved)));

        async Task<BeginOutcome> BeginAsync(ShardRow shard, SubmitLimits limits) => (await database.AddStore().TryBeginSubmitAsync(
            shard,
            new ShardChange { Status = ShardStatus.Submitting, ReservedCost = limits.ReservedCost, Lease = new LeaseChange($"s-{shard.Id}", Make.Lease) },
            limits,
            default)).Outcome;
    }

    [PostgresFact]
    public async Task ResumePolls_FourAtOnce_WinEachRowOnce()
    {
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.RunningAsync(database.Store, 20);
        for (var i = 0; i < 20; i++)
            await Make.AcceptedAsync(database.Store, await Make.ShardAsync(database.Store, batch.Id, 1));

        var stores = Enumerable.Range(0, 4).Select(_ => database.AddStore()).ToList();
        var won = await Task.WhenAll(stores.Select(store => Task.Run(() => store.ResumePollsAsync(TimeSpan.Zero, [], 0, 100, default))));

        // A row may be resumed again by one that came later, but no generation is given out twice.
        var rows = won.SelectMany(page => page.Rows).Select(row => (row.ShardId, row.Generation)).ToList();
        Assert.Equal(rows.Count, rows.Distinct().Count());
        Assert.Equal(20, rows.Select(row => row.ShardId).Distinct().Count());
    }

    [PostgresFact]
    public async Task TryPlanShard_FourAtOnce_OnePlans()
    {
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.RunningAsync(database.Store, 10);

        var planned = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Make.TryShardAsync(database.AddStore(), batch.Id, 10)));

        Assert.Single(planned, shard => shard is not null);
        Assert.Single(await database.Store.ListShardsAsync(batch.Id, default));
    }

    private static async Task WaitUntilWorkerWaitsAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var waits = source.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker' AND wait_event_type = 'Lock'");
        while (await waits.ExecuteScalarAsync() is 0L)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
