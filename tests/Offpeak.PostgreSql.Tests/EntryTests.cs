using System.Text;
using Offpeak.Batches;
using Offpeak.PostgreSql.Tests.Support;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class EntryTests
{
    [PostgresFact]
    public async Task AddEntries_MoreThanAStatementHolds_KeepsOrderAndBodies()
    {
        const int Count = 1_203;
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.BatchAsync(database.Store);
        // In no order that an index or a hash could bring about.
        var ids = Enumerable.Range(0, Count).Select(i => $"{i * 7919 % Count}").ToList();

        await database.Store.AddEntriesAsync(
            batch.Id, [.. ids.Select(id => new NewEntryRow(id, "model", Make.Body($"body {id}"), Make.Body($"other {id}")))], default);

        var stored = new List<string>();
        for (var page = await ReadAsync(0); page.Count > 0; page = await ReadAsync(page[^1].EntryId))
            stored.AddRange(page.Select(row => Encoding.UTF8.GetString(row.Body.Span)));

        Assert.Equal(ids.Select(id => $"body {id}"), stored);
        Assert.Equal(ids.Take(500), (await database.Store.ReadResultsAsync(batch.Id, 0, 1, default)).Select(row => row.Entry.CustomId));
        Assert.Equal(Count, (await database.Store.FindBatchAsync(batch.Id, default))!.EntryCount);

        Task<IReadOnlyList<EntryBodyRow>> ReadAsync(long after) => database.Store.ReadRequestsAsync(batch.Id, after, 1 << 20, default);
    }

    [PostgresFact]
    public async Task AddEntries_IdTakenOrTwice_NamesItAndKeepsNothing()
    {
        await using var database = await TestStore.CreateAsync();
        var batch = await Make.BatchAsync(database.Store);
        await database.Store.AddEntriesAsync(batch.Id, [new NewEntryRow("taken", "model", Make.Body("1"))], default);

        foreach (var (rows, name) in new[] { (new[] { "a", "taken", "b" }, "taken"), (["c", "d", "c"], "c"), (["n\0", "n\0"], "n\0") })
        {
            var error = await Assert.ThrowsAsync<OffpeakException>(() => database.Store.AddEntriesAsync(
                batch.Id, [.. rows.Select(id => new NewEntryRow(id, "model", Make.Body(id)))], default));

            Assert.Equal(OffpeakErrorCode.DuplicateCustomId, error.Code);
            Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await database.Store.CountEntriesAsync(batch.Id, default)).Total);
        Assert.Equal(1, (await database.Store.FindBatchAsync(batch.Id, default))!.EntryCount);
    }

    [PostgresFact]
    public async Task ApplyResults_AddsUsageUpExactlyAndTakesEachEntryOnce()
    {
        await using var database = await TestStore.CreateAsync();
        var store = database.Store;
        var batch = await Make.RunningAsync(store, 4);
        var shard = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 3), "reader");
        var elsewhere = (await store.ReadWaitingAsync(batch.Id, 0, 1, default))[0].Id;
        var entries = (await store.ReadShardRequestsAsync(shard, onlyOpen: true, 0, 1 << 20, default)).Select(row => row.EntryId).ToList();
        var troubled = Make.Result(entries[2], EntryStatus.Failed);
        troubled = troubled with { Result = troubled.Result with { Kind = ProviderResultKind.Failed, ErrorMessage = "bad\0 \ud83d text", Body = default, Usage = null } };

        var applied = await store.ApplyResultsAsync(
            shard,
            "reader",
            Make.Lease,
            [
                Make.Result(entries[1], cost: 0.000000000123456789m, body: "first"), Make.Result(entries[1], cost: 5, body: "second"),
                Make.Result(entries[0], cost: 0.1m), troubled, Make.Result(elsewhere), Make.Result(99_999),
            ],
            default);

        Assert.Equal(new AppliedResults(3, 1), applied);
        var now = (await store.FindBatchAsync(batch.Id, default))!;
        Assert.Equal((2, 1, 200L, 40L, 0.100000000123456789m), (now.SucceededCount, now.FailedCount, now.InputTokens, now.OutputTokens, now.Cost));
        var results = await store.ReadResultsAsync(batch.Id, 0, 1 << 20, default);
        Assert.Equal(["answer", "first", "", ""], results.Select(row => Encoding.UTF8.GetString(row.Body.Span)));
        Assert.Equal("bad\0 \ud83d text", results[2].Entry.ErrorMessage);
        Assert.Equal((0.000000000123456789m, "model-1", 10L), (results[1].Entry.Cost, results[1].Entry.ResponseModel, results[1].Entry.CachedInputTokens));
    }

    [PostgresFact]
    public async Task ApplyResults_UnderALeaseThatSomebodyElseHas_ChangesNothing()
    {
        await using var database = await TestStore.CreateAsync();
        var store = database.Store;
        var batch = await Make.RunningAsync(store, 1);
        var shard = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 1), "reader");
        var entry = (await store.ReadShardRequestsAsync(shard, onlyOpen: true, 0, 1, default))[0].EntryId;

        await Assert.ThrowsAsync<LeaseLostException>(() => store.ApplyResultsAsync(shard, "other", Make.Lease, [Make.Result(entry)], default));

        Assert.Equal(1, (await store.CountEntriesAsync(batch.Id, default)).Submitted);
    }

    [PostgresFact]
    public async Task Delete_TakesEverythingOfTheBatchAndNothingElse()
    {
        await using var database = await TestStore.CreateAsync();
        var store = database.Store;
        var kept = await Make.RunningAsync(store, 3);
        var batch = await Make.RunningAsync(store, 3);
        var shard = await Make.AcceptedAsync(store, await Make.ShardAsync(store, batch.Id, 3), "reader");
        var entries = await store.ReadShardRequestsAsync(shard, onlyOpen: true, 0, 1 << 20, default);
        await store.ApplyResultsAsync(shard, "reader", Make.Lease, [.. entries.Select(row => Make.Result(row.EntryId))], default);
        var begun = (await store.TryChangeBatchAsync(
            (await store.FindBatchAsync(batch.Id, default))!, new BatchChange { Step = BatchStep.Delete }, default))!;

        for (long? after = 0; after is { } last;)
            after = await store.StepEntriesAsync(begun, null, null, last, default);

        await store.DeleteBatchAsync(begun, default);

        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        await using var left = source.CreateCommand(
            """
            SELECT (SELECT count(*) FROM offpeak_batches) || ' ' || (SELECT count(*) FROM offpeak_shards) || ' ' || (SELECT count(*) FROM offpeak_entries)
                || ' ' || (SELECT count(*) FROM offpeak_entry_requests) || ' ' || (SELECT count(*) FROM offpeak_entry_results)
            """);
        Assert.Equal("1 0 3 3 0", await left.ExecuteScalarAsync());
        Assert.NotNull(await store.FindBatchAsync(kept.Id, default));
    }
}
