using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>The store inside a host's own transaction, which alone decides, and two workers that arrive together.</summary>
public abstract class TransactionStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    [Fact]
    public async Task What_a_host_takes_back_never_was()
    {
        await using var connection = await Subject.ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var inside = Store.In(transaction);
            var batch = (await inside.TryCreateBatchAsync(NewBatch(), default))!;
            await inside.AddEntriesAsync(batch.Id, [Entry("a")], default);
            Assert.Equal(1, (await inside.FindBatchAsync(batch.Id, default))!.EntryCount);
            await transaction.RollbackAsync();
        }

        Assert.Empty(await Store.ListBatchesAsync(new BatchQuery(), default));
    }

    [Fact]
    public async Task A_refusal_leaves_the_hosts_transaction_as_it_was()
    {
        await using var connection = await Subject.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var inside = Store.In(transaction);
        var batch = (await inside.TryCreateBatchAsync(NewBatch(), default))!;
        await inside.AddEntriesAsync(batch.Id, [Entry("a")], default);
        await Assert.ThrowsAsync<OffpeakException>(() => inside.AddEntriesAsync(batch.Id, [Entry("b"), Entry("a")], default));
        await transaction.CommitAsync();
        Assert.Equal(1, (await FindAsync(batch)).EntryCount);
        Assert.Equal(["a"], (await EntriesAsync(batch.Id)).Select(row => row.CustomId));
    }

    [Fact]
    public async Task A_lost_race_leaves_nothing_in_the_hosts_transaction()
    {
        var batch = await BuildAsync(2);
        var waiting = await Store.ReadWaitingAsync(batch.Id, 0, 10, default);
        await using var connection = await Subject.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var inside = Store.In(transaction);
        Assert.Null(await inside.TryPlanShardAsync(batch, Plan(waiting, 1) with { EntryCount = 3 }, default));
        Assert.NotNull(await inside.TryPlanShardAsync(batch, Plan([waiting[0]], 1), default));
        await transaction.CommitAsync();
        Assert.Equal(1, Assert.Single(await Store.ListShardsAsync(batch.Id, default)).EntryCount);
        Assert.Equal([waiting[1]], await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
    }

    [Fact]
    public async Task What_breaks_off_half_way_never_was()
    {
        var (batch, shard) = await AcceptedAsync(2);
        var held = await HeldAsync(shard);
        await using var connection = await Subject.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "ALTER TABLE offpeak_entries RENAME COLUMN status TO lost";
        await command.ExecuteNonQueryAsync();
        var expires = new ShardChange { Status = ShardStatus.Expired };
        await Assert.ThrowsAnyAsync<Exception>(() => Store.TryChangeShardAsync(held, expires, new EntryChange(EntryStatus.Submitted, EntryStatus.Expired), default));
        await Assert.ThrowsAnyAsync<Exception>(() => Store.TrySplitShardAsync(held, expires, [SubmissionKey.New(), SubmissionKey.New()], default));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<Exception>(() => Store.ApplyResultsAsync(held, "w1", Lease, [Answer(1)], default));
        command.CommandText = "ALTER TABLE offpeak_entries RENAME COLUMN lost TO status";
        await command.ExecuteNonQueryAsync();

        Assert.Empty(ChangeFields.Differences(held, await FindAsync(held)));
        Assert.Equal(2, (await Store.CountEntriesAsync(batch.Id, default)).Submitted);
        Assert.Equal(new AppliedResults(1, 0), await Store.ApplyResultsAsync(held, "w1", Lease, [Answer((await EntriesAsync(batch.Id))[0].Id)], default));
    }

    [Fact]
    public async Task A_handler_is_done_when_its_hosts_transaction_commits()
    {
        var batch = await ChangeAsync(await BuildAsync(0), new BatchChange { DispatchId = "d", Lease = new LeaseChange("w1", Lease) });
        await using var connection = await Subject.ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            Assert.True(await Store.TryCompleteDispatchAsync(batch, "w1", transaction, default));
            await transaction.RollbackAsync();
        }

        Assert.Null((await FindAsync(batch)).HandlerDispatchedAt);
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            Assert.True(await Store.TryCompleteDispatchAsync(batch, "w1", transaction, default));
            await transaction.CommitAsync();
        }

        Assert.NotNull((await FindAsync(batch)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task Of_workers_that_change_a_row_together_one_wins()
    {
        var (batch, shard) = await PlannedAsync(1);
        var begun = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Of(i).TryBeginSubmitAsync(shard, Begin($"w{i}"), new SubmitLimits(MaxEnqueuedTokens: 1000), default))));
        Assert.Single(begun, result => result.Outcome == BeginOutcome.Begun);
        var changed = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Of(i).TryChangeBatchAsync(batch, new BatchChange { Round = i }, default))));
        Assert.Single(changed, row => row is not null);
    }

    [Fact]
    public async Task Counts_of_workers_that_apply_together_add_up()
    {
        var batch = await BuildAsync(80);
        var waiting = await Store.ReadWaitingAsync(batch.Id, 0, 100, default);
        var shards = new List<ShardRow>();
        foreach (var part in waiting.Chunk(20))
        {
            var planned = (await Store.TryPlanShardAsync(batch, Plan(part, 1), default))!;
            batch = planned.Batch;
            shards.Add(planned.Shard);
        }

        await ChangeAsync(batch, new BatchChange { Status = BatchStatus.Running, Round = 1 });
        await Task.WhenAll(shards.Select((shard, i) => Task.Run(async () =>
        {
            var held = await HeldAsync(await AcceptAsync(shard));
            foreach (var row in await Of(i).ReadShardRequestsAsync(held, true, 0, 1000, default))
                await Of(i).ApplyResultsAsync(held, "w1", Lease, [Answer(row.EntryId, cost: 0.1m)], default);
        })));
        Assert.Equal((80, 0, 0, 0), await CountsAsync(batch));
        Assert.Equal((8m, 800L), ((await FindAsync(batch)).Cost, (await FindAsync(batch)).InputTokens));
    }

    private IOffpeakStore Of(int worker) => worker % 2 == 0 ? Store : Other;
}
