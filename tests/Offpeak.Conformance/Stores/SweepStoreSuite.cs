using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>What the sweeps look for, in pages by id.</summary>
public abstract class SweepStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Overdue_polls_are_won_with_a_new_generation()
    {
        var (_, shard) = await AcceptedAsync(1);
        var due = shard.NextPollAt;
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty((await Store.ResumePollsAsync(Grace, [], 0, 10, default)).Rows);
        Clock.Advance(TimeSpan.FromMinutes(2));
        var won = Assert.Single((await Store.ResumePollsAsync(Grace, [], 0, 10, default)).Rows);
        Assert.Equal(new ResumedPoll(shard.Id, shard.BatchId, 1, ShardStatus.Submitted, due, $"p{shard.Id}"), won);
        var now = await FindAsync(shard);
        Assert.Equal((1, Now, shard.Version + 1), (now.PollGeneration, now.NextPollAt, now.Version));
        Assert.Empty((await Other.ResumePollsAsync(Grace, [], 0, 10, default)).Rows);
    }

    [Fact]
    public async Task Resumed_polls_come_in_pages_too()
    {
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
            ids.Add((await AcceptedAsync(1)).Shard.Id);

        Clock.Advance(TimeSpan.FromMinutes(10));
        var first = await Store.ResumePollsAsync(Grace, [], 0, 2, default);
        Assert.Equal((ids[1], 2), (first.Next, first.Rows.Count));
        var last = await Store.ResumePollsAsync(Grace, [], ids[1], 2, default);
        Assert.Equal((null, ids[2]), (last.Next, Assert.Single(last.Rows).ShardId));
    }

    [Fact]
    public async Task Where_no_handler_is_known_all_are_unknown()
    {
        await FinishedAsync("gone");
        Assert.Empty((await Store.FindDueDispatchesAsync([], [], 0, 10, default)).Rows);
        Assert.Equal(1, (await Store.NoteUnknownHandlersAsync([], TimeSpan.FromMinutes(5), "No handler ", default))["gone"]);
    }

    [Fact]
    public async Task Held_and_read_shards_are_not_resumed_and_those_of_the_dead_are()
    {
        var (_, held) = await AcceptedAsync(1);
        var (_, read) = await AcceptedAsync(1);
        await ChangeAsync(read, new ShardChange { ResultsFetchedAt = When.Now });
        Clock.Advance(TimeSpan.FromMinutes(10));
        await HeldAsync(held);
        Assert.Empty((await Store.ResumePollsAsync(Grace, ["w9"], 0, 10, default)).Rows);
        Assert.Equal([held.Id], (await Store.ResumePollsAsync(Grace, ["w9", "w1"], 0, 10, default)).Rows.Select(row => row.ShardId));
    }

    [Fact]
    public async Task Of_resumes_at_the_same_moment_one_wins_a_row()
    {
        for (var i = 0; i < 30; i++)
            await AcceptedAsync(1);

        Clock.Advance(TimeSpan.FromMinutes(10));
        var won = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? Store : Other).ResumePollsAsync(Grace, [], 0, 100, default))));
        Assert.Equal(30, won.Sum(page => page.Rows.Count));
        Assert.All(won.SelectMany(page => page.Rows), row => Assert.Equal(1, row.Generation));
    }

    [Fact]
    public async Task Pages_go_by_id_and_say_where_the_next_begins()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add((await PlannedAsync(1)).Shard.Id);

        var seen = new List<long>();
        for (long? after = 0; after is { } last;)
        {
            var page = await Store.FindSubmitsDueAsync(last, 2, default);
            Assert.InRange(page.Rows.Count, 0, 2);
            seen.AddRange(page.Rows.Select(row => row.Id));
            after = page.Next;
        }

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task Submits_are_due_in_the_rounds_of_running_batches()
    {
        var (batch, shard) = await PlannedAsync(1);
        await PlanAsync(await BuildAsync(1), 1);
        shard = await ChangeAsync(shard, new ShardChange { NextSubmitAt = When.In(TimeSpan.FromMinutes(1)) });
        Assert.Empty((await Store.FindSubmitsDueAsync(0, 10, default)).Rows);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([shard.Id], (await Store.FindSubmitsDueAsync(0, 10, default)).Rows.Select(row => row.Id));
        await ChangeAsync(batch, new BatchChange { Round = 0 });
        Assert.Empty((await Store.FindSubmitsDueAsync(0, 10, default)).Rows);
    }

    [Fact]
    public async Task Interrupted_and_lost_submits_are_found()
    {
        var (_, begun) = await PlannedAsync(1);
        var (_, lost) = await PlannedAsync(1);
        await AcceptedAsync(1);
        await ChangeAsync(begun, Begin("w1"));
        await ChangeAsync(lost, new ShardChange { Status = ShardStatus.Unconfirmed });
        Assert.Equal([begun.Id, lost.Id], (await Store.FindUnsettledAsync(0, 10, default)).Rows.Select(row => row.Id));
    }

    [Fact]
    public async Task Old_shards_are_told_by_acceptance_or_else_by_planning()
    {
        var (_, accepted) = await AcceptedAsync(1);
        var (_, waiting) = await PlannedAsync(1);
        var (_, read) = await AcceptedAsync(1);
        await ChangeAsync(read, new ShardChange { ResultsFetchedAt = When.Now });
        Assert.Equal(["openai"], await Store.ListOpenProvidersAsync(default));
        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal([accepted.Id], await OldAsync(TimeSpan.FromHours(2), TimeSpan.FromHours(3)));
        Assert.Equal([waiting.Id], await OldAsync(null, TimeSpan.FromHours(2)));
        Assert.Empty(await OldAsync(TimeSpan.FromHours(3), TimeSpan.FromHours(3)));
        Assert.Equal([accepted.Id, waiting.Id], await OldAsync(TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        Assert.Empty((await Store.FindOldShardsAsync("xai", TimeSpan.Zero, TimeSpan.Zero, 0, 10, default)).Rows);
    }

    [Fact]
    public async Task Read_shards_are_cleaned_up_when_due_until_done()
    {
        var (_, shard) = await AcceptedAsync(1);
        shard = await ChangeAsync(shard, new ShardChange { Status = ShardStatus.Ended, ResultsFetchedAt = When.Now, NextCleanUpAt = When.In(TimeSpan.FromMinutes(1)) });
        Assert.Empty((await Store.FindUncleanedAsync(0, 10, default)).Rows);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([shard.Id], (await Store.FindUncleanedAsync(0, 10, default)).Rows.Select(row => row.Id));
        await ChangeAsync(shard, new ShardChange { CleanedUpAt = When.Now });
        Assert.Empty((await Store.FindUncleanedAsync(0, 10, default)).Rows);
    }

    [Fact]
    public async Task Batches_between_steps_are_found_once()
    {
        var (_, open) = await AcceptedAsync(1);
        var (stuck, read) = await AcceptedAsync(1);
        await ChangeAsync(read, new ShardChange { Status = ShardStatus.Ended, ResultsFetchedAt = When.Now });
        var stepping = await ChangeAsync(await BuildAsync(0), new BatchChange { Status = BatchStatus.Completed, Step = BatchStep.Delete });
        await ChangeAsync(await FindAsync(stuck), new BatchChange { Step = BatchStep.Cancel });
        await BuildAsync(1);
        Assert.Equal([stuck.Id, stepping.Id], (await Store.FindBetweenStepsAsync(0, 10, default)).Rows);
        Assert.Equal([stepping.Id], (await Store.FindBetweenStepsAsync(stuck.Id, 10, default)).Rows);
        Assert.NotEqual(open.BatchId, stuck.Id);
    }

    [Fact]
    public async Task A_batch_whose_next_round_is_planned_but_not_open_is_between_steps()
    {
        var (batch, _) = await PlanAsync(await BuildAsync(1), round: 2);
        batch = await ChangeAsync(batch, new BatchChange { Status = BatchStatus.Running, Round = 1, SubmittedAt = When.Now });
        Assert.Equal([batch.Id], (await Store.FindBetweenStepsAsync(0, 10, default)).Rows);
        await ChangeAsync(batch, new BatchChange { Round = 2 });
        Assert.Empty((await Store.FindBetweenStepsAsync(0, 10, default)).Rows);
    }

    [Fact]
    public async Task Due_handlers_are_found_where_they_are_known_and_noted_where_not()
    {
        var known = await FinishedAsync("known");
        var first = await FinishedAsync("gone");
        var second = await FinishedAsync("gone");
        var running = await ChangeAsync(await FinishedAsync("gone"), new BatchChange { Lease = new LeaseChange("w1", Lease) });
        Assert.Equal([known.Id], (await Store.FindDueDispatchesAsync(["known"], [], 0, 10, default)).Rows);
        Assert.Equal(2, (await NoteUnknownAsync())["gone"]);
        Assert.Equal("No handler 'gone'.", (await FindAsync(first)).DispatchError);
        Assert.Equal(running, await FindAsync(running));
        Assert.Null((await FindAsync(known)).DispatchError);
        Assert.Empty(await NoteUnknownAsync());
        Assert.Equal([first.Id, second.Id], (await Store.FindDueDispatchesAsync(["gone"], [], 0, 10, default)).Rows);
    }

    [Fact]
    public async Task A_handler_that_another_process_has_just_read_is_not_lost_to_it_by_the_note_that_it_is_unknown_here()
    {
        var read = await FinishedAsync("gone");
        Assert.Single(await NoteUnknownAsync());
        Assert.Equal((read.Version, read.NextDispatchAt), ((await FindAsync(read)).Version, (await FindAsync(read)).NextDispatchAt));
        await ChangeAsync(read, new BatchChange { Lease = new LeaseChange("w1", Lease), DispatchAttempt = 1 });
    }

    [Fact]
    public async Task A_handlers_own_error_is_written_over_only_when_nobody_has_run_it_for_long()
    {
        var failed = await ChangeAsync(await FinishedAsync("gone"), new BatchChange { DispatchError = "broken", NextDispatchAt = When.Now });
        Assert.Empty(await NoteUnknownAsync());
        Assert.Equal("broken", (await FindAsync(failed)).DispatchError);
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(await NoteUnknownAsync());
        Assert.Empty(await NoteUnknownAsync());
        Assert.Equal("No handler 'gone'.", (await FindAsync(failed)).DispatchError);
    }

    [Fact]
    public async Task A_handler_under_a_live_lease_is_not_due_again()
    {
        var batch = await ChangeAsync(await FinishedAsync("h"), new BatchChange { Lease = new LeaseChange("w1", Lease) });
        Assert.Empty((await Store.FindDueDispatchesAsync(["h"], [], 0, 10, default)).Rows);
        Assert.Equal([batch.Id], (await Store.FindDueDispatchesAsync(["h"], ["w1"], 0, 10, default)).Rows);
    }

    [Fact]
    public async Task What_does_not_go_on_by_itself_is_counted()
    {
        var (_, paused) = await PlannedAsync(1);
        await ChangeAsync(paused, new ShardChange { Trouble = new Trouble(ProviderErrorClass.Unauthorized, "No key.", IsPaused: true) });
        var (_, passing) = await PlannedAsync(1);
        await ChangeAsync(passing, new ShardChange { Trouble = new Trouble(ProviderErrorClass.Transient, "Busy.") });
        await FinishedAsync("fresh");
        await ChangeAsync(await FinishedAsync("failed"), new BatchChange { DispatchError = "broken" });
        await ChangeAsync(await FinishedAsync("parked"), new BatchChange { DispatchError = "broken", NextDispatchAt = When.Never, DispatchParkedAt = When.Now });
        await ChangeAsync(await FinishedAsync("mended"), new BatchChange { DispatchError = "broken", HandlerDispatchedAt = When.Now });
        Assert.Equal(new TroubleCounts(1, 2), await Store.CountTroubleAsync(default));
    }

    [Fact]
    public async Task Old_batches_are_purged_once_their_handler_has_run()
    {
        var plain = await ChangeAsync(await BuildAsync(0), new BatchChange { Status = BatchStatus.Completed, FinishedAt = When.Now });
        var parked = await ChangeAsync(await FinishedAsync("h"), new BatchChange { NextDispatchAt = When.Never, DispatchParkedAt = When.Now });
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.Empty((await Store.FindPurgeableAsync(TimeSpan.FromDays(3), 0, 10, default)).Rows);
        Assert.Equal([plain.Id], (await Store.FindPurgeableAsync(TimeSpan.FromDays(2), 0, 10, default)).Rows.Select(row => row.Id));
        await ChangeAsync(parked, new BatchChange { HandlerDispatchedAt = When.Now });
        Assert.Equal(2, (await Store.FindPurgeableAsync(TimeSpan.FromDays(2), 0, 10, default)).Rows.Count);
    }

    [Fact]
    public async Task A_sweep_is_claimed_by_one_worker_for_an_interval()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? Store : Other).TryClaimSweepAsync("s", Grace, default))));
        Assert.Single(claims, claimed => claimed);
        Assert.True(await Store.TryClaimSweepAsync("another", Grace, default));
        Clock.Advance(Grace);
        Assert.True(await Other.TryClaimSweepAsync("s", Grace, default));
    }

    [Fact]
    public async Task A_sweep_that_ran_while_the_clock_was_ahead_is_due_when_it_is_put_right()
    {
        Clock.Advance(TimeSpan.FromDays(300));
        Assert.True(await Store.TryClaimSweepAsync("s", Grace, default));
        Clock.AdjustTime(Now - TimeSpan.FromDays(300));
        Assert.True(await Store.TryClaimSweepAsync("s", Grace, default));
        Assert.False(await Other.TryClaimSweepAsync("s", Grace, default));
    }

    private async Task<BatchRow> FinishedAsync(string handler) => await ChangeAsync(
        await BuildAsync(0, NewBatch() with { Handler = handler }), new BatchChange { Status = BatchStatus.Completed, FinishedAt = When.Now, NextDispatchAt = When.Now });

    private async Task<List<long>> OldAsync(TimeSpan? accepted, TimeSpan waiting) =>
        [.. (await Store.FindOldShardsAsync("openai", accepted, waiting, 0, 10, default)).Rows.Select(row => row.Id)];

    private Task<IReadOnlyDictionary<string, int>> NoteUnknownAsync() =>
        Store.NoteUnknownHandlersAsync(["known"], TimeSpan.FromMinutes(5), "No handler ", default);
}
