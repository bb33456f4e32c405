using Offpeak.Batches;
using Offpeak.Models;
using Offpeak.PublicDoor.Tests.Fixture;

namespace Offpeak.PublicDoor.Tests;

/// <summary>The rest of the door.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task Of_many_callers_at_once_one_makes_the_batch()
    {
        await using var door = await Door.OpenAsync();

        var batches = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ =>
            Task.Run(() => door.Client.GetOrCreateAsync(new NewBatch(Door.Model) { InputKey = "once" }))));

        Assert.Single(batches.Select(batch => batch.Id).Distinct());
        Assert.Single(await door.Client.ListAsync());
    }

    [Fact]
    public async Task A_key_is_taken_until_it_is_released()
    {
        await using var door = await Door.OpenAsync();
        var description = new NewBatch(Door.Model) { InputKey = "k" };
        var first = await door.Client.CreateAsync(description);

        var taken = await Assert.ThrowsAsync<OffpeakException>(() => door.Client.CreateAsync(description));
        await door.Client.ReleaseInputKeyAsync("k");
        var second = await door.Client.CreateAsync(description);

        Assert.Equal(OffpeakErrorCode.InputKeyTaken, taken.Code);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task A_batch_is_watched_from_building_to_its_end()
    {
        await using var door = await Door.OpenAsync();
        var batch = await door.SubmitAsync(["one", "two"]);
        var seen = new List<BatchProgress>();
        var waiting = door.Client.WaitAsync(batch.Id);
        await using var watching = door.Client.WatchAsync(batch.Id).GetAsyncEnumerator();

        // Watchers look when the clock moves, which only this loop does.
        for (var next = watching.MoveNextAsync().AsTask(); await MovedAsync(door, next); next = watching.MoveNextAsync().AsTask())
            seen.Add(watching.Current);

        Assert.True(await MovedAsync(door, waiting.ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default)));
        var ended = await waiting;
        Assert.Equal((BatchStatus.Running, 0), (seen[0].Status, seen[0].Done));
        Assert.Equal((BatchStatus.Completed, 2, 2), (seen[^1].Status, seen[^1].Done, seen[^1].Total));
        Assert.Equal(BatchStatus.Completed, ended.Status);
    }

    [Fact]
    public async Task An_estimate_stores_and_sends_nothing()
    {
        await using var door = await Door.OpenAsync(WithPrice);
        var entries = Enumerable.Range(0, 1_500).Select(number => NewEntry.FromPrompt($"{number}", "text", new() { MaxOutputTokens = 100 }));

        var estimate = await door.Client.EstimateAsync(new NewBatch(Door.Model), entries.ToAsyncEnumerable());

        Assert.Equal((1_500, 2), (estimate.Entries, estimate.Shards));
        Assert.Equal(150_000, estimate.MaxOutputTokens);
        Assert.True(estimate.LowestCost > 0 && estimate.LowestCost < estimate.HighestCost);
        Assert.Empty(await door.Client.ListAsync());
        Assert.Equal(0, door.Server.Uploads);
    }

    [Fact]
    public async Task A_budget_that_is_too_small_can_be_changed()
    {
        await using var door = await Door.OpenAsync(WithPrice);
        var batch = await door.Client.CreateAsync(new NewBatch(Door.Model) { MaxCost = 0.000_001m });
        await door.Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("1", new string('x', 4_000))]);

        var refused = await Assert.ThrowsAsync<OffpeakException>(() => door.Client.SubmitAsync(batch.Id));
        var changed = await door.Client.ChangeBudgetAsync(batch.Id, 1m);
        await door.Client.SubmitAsync(batch.Id);
        await door.TickToEndAsync(batch.Id);

        Assert.Equal(OffpeakErrorCode.Budget, refused.Code);
        Assert.Equal(1m, changed.MaxCost);
        Assert.Equal(0.000_01m, (await door.Client.FindAsync(batch.Id))!.Cost);
        Assert.Null((await door.Client.ChangeBudgetAsync(batch.Id, null)).MaxCost);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_shard_that_nobody_can_look_up_waits_for_the_operators_word(bool adopts, int batchesAtTheEnd)
    {
        await using var door = await Door.OpenAsync();
        door.Server.IsBlind = true;
        door.Server.AfterCreate = () =>
        {
            door.Server.AfterCreate = null;
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.");
        };
        var batch = await door.SubmitAsync(["one"]);
        for (var minute = 0; minute < 30; minute++)
        {
            await door.Maintenance.TickAsync();
            door.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var shard = (await door.Client.GetAsync(batch.Id)).Shards.Single();
        Assert.Equal(ShardStatus.Unconfirmed, shard.Status);
        Assert.Equal(door.Server.Batches.Single().Key, shard.SubmissionKey.Value);

        await door.Client.ResolveAsync(shard.ShardId, adopts ? ShardResolution.Adopt("b-1") : ShardResolution.Discard);
        await door.TickToEndAsync(batch.Id);

        Assert.Equal(batchesAtTheEnd, door.Server.Batches.Count);
        Assert.Equal("ONE", (await door.ReadTextsAsync(batch.Id))["one"]);
    }

    [Fact]
    public async Task A_batch_is_deleted_only_when_nothing_of_it_runs()
    {
        await using var door = await Door.OpenAsync();
        var batch = await door.SubmitAsync(["one"]);

        var refused = await Assert.ThrowsAsync<OffpeakException>(() => door.Client.DeleteAsync(batch.Id));
        await door.TickToEndAsync(batch.Id);
        await door.Client.DeleteAsync(batch.Id);

        Assert.Equal(OffpeakErrorCode.InvalidState, refused.Code);
        Assert.Null(await door.Client.FindAsync(batch.Id));
        Assert.Equal(
            OffpeakErrorCode.BatchNotFound, (await Assert.ThrowsAsync<OffpeakException>(() => door.Client.GetAsync(batch.Id))).Code);
    }

    [Fact]
    public async Task A_double_takes_its_place()
    {
        var report = await new Report(new Double()).WriteAsync(7);

        Assert.Equal("nightly (completed): 1 = one", report);
    }

    private static void WithPrice(OffpeakBuilder offpeak) =>
        offpeak.Configure(options => options.Prices[Door.Model] = new ModelPrice(Input: 1m, Output: 2m));

    private static async Task<bool> MovedAsync(Door door, Task<bool> next)
    {
        while (!next.IsCompleted)
        {
            await door.Maintenance.TickAsync();
            door.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        return await next;
    }

    /// <summary>Code of a user's that is to be tested.</summary>
    private sealed class Report(BatchClient client)
    {
        public async Task<string> WriteAsync(long batchId)
        {
            var batch = (await client.FindAsync(batchId))!;
            var lines = await client.ReadEntriesAsync(batchId).Select(entry => $"{entry.CustomId} = {entry.Text}").ToListAsync();
            return $"{batch.Name} ({batch.Status.ToName()}): {string.Join(", ", lines)}";
        }
    }

    private sealed class Double : BatchClient
    {
        public override Task<BatchInfo?> FindAsync(long batchId, CancellationToken cancellationToken = default) => Task.FromResult<BatchInfo?>(
            new BatchInfo { Id = batchId, Name = "nightly", Provider = "acme", Model = Door.Model, Status = BatchStatus.Completed });

        public override IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(long batchId, CancellationToken cancellationToken = default) =>
            new[] { new EntryOutcome { CustomId = "1", Status = EntryStatus.Succeeded, Text = "one" } }.ToAsyncEnumerable();
    }
}
