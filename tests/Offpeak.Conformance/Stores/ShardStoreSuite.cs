using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>Shards: planned by one planner, begun within budget and queue, changed by one worker.</summary>
public abstract class ShardStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    [Fact]
    public async Task Of_two_planners_one_writes()
    {
        var batch = await BuildAsync(4);
        var waiting = await Store.ReadWaitingAsync(batch.Id, 0, 10, default);
        var planned = (await Store.TryPlanShardAsync(batch, Plan([.. waiting.Take(2)], 1), default))!;
        Assert.Equal((batch.Version + 1, 1, ShardStatus.Pending, 2, Now), (planned.Batch.Version, planned.Shard.Number, planned.Shard.Status, planned.Shard.EntryCount, planned.Shard.PlannedAt));
        Assert.Null(await Other.TryPlanShardAsync(batch, Plan([.. waiting.Skip(2)], 1), default));
        Assert.Null(await Store.TryPlanShardAsync(planned.Batch, Plan(waiting, 1), default));
        Assert.Equal(planned.Batch.Version, (await FindAsync(batch)).Version);
        Assert.Equal(2, (await Store.TryPlanShardAsync(planned.Batch, Plan([.. waiting.Skip(2)], 1), default))!.Shard.Number);
        Assert.Empty(await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
    }

    [Fact]
    public async Task A_shard_is_read_as_it_was_planned()
    {
        var batch = await BuildAsync(2, entry: id => Entry(id, "body") with { Model = "grok" });
        var plan = Plan(await Store.ReadWaitingAsync(batch.Id, 0, 10, default), 3) with
        {
            Provider = "xai",
            Endpoint = BatchEndpoint.Chat,
            IsFallback = true,
            EnqueuedTokens = 77,
        };
        var planned = (await Store.TryPlanShardAsync(batch, plan, default))!.Shard;
        var expected = new ShardRow
        {
            Id = planned.Id,
            BatchId = batch.Id,
            Round = 3,
            Number = 1,
            Provider = "xai",
            Model = "grok",
            Endpoint = BatchEndpoint.Chat,
            IsFallback = true,
            SubmissionKey = plan.SubmissionKey,
            EntryCount = 2,
            BodyBytes = 8,
            EnqueuedTokens = 77,
            PlannedAt = Now,
        };
        Assert.Empty(ChangeFields.Differences(expected, planned));
        Assert.Empty(ChangeFields.Differences(expected, (await Other.FindShardAsync(planned.Id, default))!));
    }

    [Fact]
    public async Task A_change_sets_each_field_that_it_names_and_no_other()
    {
        var (_, shard) = await PlannedAsync(1);
        foreach (var field in ChangeFields.Of<ShardChange>())
        {
            var (written, read) = ChangeFields.Example(field, Now);
            var changed = await ChangeAsync(shard, ChangeFields.Only<ShardChange>(field, written));
            Assert.Equal(
                new Dictionary<string, string> { [field.Name] = ChangeFields.Show(read), [nameof(ShardRow.Version)] = $"{shard.Version + 1}" },
                ChangeFields.Differences(shard, changed));
            shard = changed;
        }

        foreach (var field in ChangeFields.Of<ShardChange>().Where(field => field.Name != nameof(ShardChange.Doubles) && ChangeFields.CanBeCleared(field)))
        {
            var nothing = ChangeFields.Nothing(field);
            var isValue = field.PropertyType.GenericTypeArguments[0] == typeof(ProviderStatus);
            var changed = await ChangeAsync(shard, ChangeFields.Only<ShardChange>(field, isValue ? default(ProviderStatus) : nothing));
            Assert.Equal([field.Name, nameof(ShardRow.Version)], ChangeFields.Differences(shard, changed).Keys);
            Assert.Equal(
                ChangeFields.Show(typeof(ShardRow).GetProperty(field.Name)!.GetValue(new ShardRow())),
                ChangeFields.Show(typeof(ShardRow).GetProperty(field.Name)!.GetValue(changed)));
            shard = changed;
        }
    }

    [Fact]
    public async Task A_shard_is_read_as_it_was_changed()
    {
        var (_, shard) = await PlannedAsync(1);
        var changed = await ChangeAsync(shard, new ShardChange
        {
            ProviderStatus = new ProviderStatus("odd"),
            Journal = new Journal([new("file", "f\"1")]),
            RejectedIds = new(["a", "b"]),
            Doubles = new(["c"]),
            ReservedCost = 0.01m,
            Counts = new ProviderCounts(3, null, 1),
            Trouble = new Trouble(ProviderErrorClass.Capacity, "full", true),
            NextPollAt = When.Now,
            Doubt = "d",
        });
        var read = await FindAsync(shard);
        Assert.Equal(("odd", "f\"1", "a,b", "c", 0.01m, new ProviderCounts(3, null, 1), new Trouble(ProviderErrorClass.Capacity, "full", true), Now, "d"), (
            read.ProviderStatus.Value, read.Journal["file"], string.Join(',', read.RejectedIds), read.Doubles[0], read.ReservedCost, read.Counts, read.Trouble, read.NextPollAt, read.Doubt));
        var cleared = await ChangeAsync(changed, new ShardChange { Trouble = (Trouble?)null, Journal = Journal.Empty, NextPollAt = When.Never });
        Assert.Equal((null, 0, null, shard.Version + 2), (cleared.Trouble, cleared.Journal.Values.Count, cleared.NextPollAt, cleared.Version));
        Assert.Null(await Other.TryChangeShardAsync(changed, new ShardChange { Doubt = "late" }, null, default));
    }

    [Fact]
    public async Task Entries_move_with_their_shard_and_are_counted()
    {
        var (batch, shard) = await AcceptedAsync(3);
        Assert.Equal(3, (await Store.CountEntriesAsync(batch.Id, default)).Submitted);
        var expired = new EntryChange(EntryStatus.Submitted, EntryStatus.Expired, "late", "why");
        Assert.Null(await Store.TryChangeShardAsync(shard with { Version = 0 }, new ShardChange { Status = ShardStatus.Expired }, expired, default));
        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
        await ChangeAsync(shard, new ShardChange { Status = ShardStatus.Expired, ResultsFetchedAt = When.Now }, expired);
        Assert.Equal((0, 0, 0, 3), await CountsAsync(batch));
        Assert.All(await EntriesAsync(batch.Id), row => Assert.Equal(("late", "why", 1, shard.Id), (row.ErrorCode, row.ErrorMessage, row.Attempts, row.ShardId)));
    }

    [Fact]
    public async Task A_change_of_entries_leaves_the_words_that_it_does_not_name()
    {
        var (batch, shard) = await AcceptedAsync(1);
        var failed = await ChangeAsync(shard, new ShardChange(), new EntryChange(EntryStatus.Submitted, EntryStatus.Failed, "c", "m"));
        await ChangeAsync(failed, new ShardChange(), new EntryChange(EntryStatus.Failed, EntryStatus.Canceled));
        var entry = Assert.Single(await EntriesAsync(batch.Id));
        Assert.Equal((EntryStatus.Canceled, "c", "m", 1), (entry.Status, entry.ErrorCode, entry.ErrorMessage, entry.Attempts));
        Assert.Equal((0, 0, 1, 0), await CountsAsync(batch));
    }

    [Fact]
    public async Task Entries_taken_back_wait_for_a_round_or_in_their_shard()
    {
        var (batch, shard) = await AcceptedAsync(2);
        var back = await ChangeAsync(shard, new ShardChange { Status = ShardStatus.Pending }, new EntryChange(EntryStatus.Submitted, EntryStatus.Pending, StaysInShard: true));
        Assert.Empty(await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
        await ChangeAsync(back, new ShardChange { Status = ShardStatus.Canceled }, new EntryChange(EntryStatus.Pending, EntryStatus.Pending));
        Assert.Equal(2, (await Store.ReadWaitingAsync(batch.Id, 0, 10, default)).Count);
    }

    [Fact]
    public async Task A_submit_begins_once_and_not_against_its_batch()
    {
        var (batch, shard) = await PlannedAsync(1, NewBatch() with { FallbackModel = "x/y", FallbackAfter = TimeSpan.FromHours(1) });
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shard));
        Assert.Equal(BeginOutcome.Lost, await TryBeginAsync(shard));
        shard = await ChangeAsync(await FindAsync(shard), new ShardChange { Status = ShardStatus.Pending, Lease = LeaseChange.Release });
        batch = await ChangeAsync(batch, new BatchChange { Round = 0 });
        Assert.Equal(BeginOutcome.Forbidden, await TryBeginAsync(shard));
        batch = await ChangeAsync(batch, new BatchChange { Round = 1, Step = BatchStep.Cancel });
        Assert.Equal(BeginOutcome.Forbidden, await TryBeginAsync(shard));
        await ChangeAsync(batch, new BatchChange { Step = (BatchStep?)null });
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(BeginOutcome.Forbidden, await TryBeginAsync(shard));
        await ChangeAsync(await FindAsync(batch), new BatchChange { FallbackSince = When.Now });
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shard));
    }

    [Fact]
    public async Task A_cancel_forbids_a_submit()
    {
        var (batch, shard) = await PlannedAsync(1);
        await Other.RequestCancelAsync(batch.Id, default);
        Assert.Equal(BeginOutcome.Forbidden, await TryBeginAsync(shard));
    }

    [Fact]
    public async Task What_was_begun_before_there_was_a_budget_is_waited_for()
    {
        var (batch, shards) = await TwoShardsAsync(NewBatch());
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shards[0]));
        await ChangeAsync(batch, new BatchChange { MaxCost = 1m });
        Assert.Equal(BeginOutcome.Lost, await TryBeginAsync(shards[1]));
        Assert.Equal(BeginOutcome.BudgetReserved, await TryBeginAsync(shards[1], new SubmitLimits(0.1m)));
        await ChangeAsync(await FindAsync(shards[0]), new ShardChange { ResultsFetchedAt = When.Now });
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shards[1], new SubmitLimits(0.1m)));
    }

    [Fact]
    public async Task Queues_of_other_models_and_providers_are_others()
    {
        var (_, first) = await PlannedAsync(1);
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(first));
        Assert.False(await Store.HasOthersUnderWayAsync(first, default));
        Assert.False(await Store.HasOthersUnderWayAsync(first with { Id = 0, Model = "another" }, default));
        Assert.False(await Store.HasOthersUnderWayAsync(first with { Id = 0, Provider = "xai" }, default));
        Assert.True(await Store.HasOthersUnderWayAsync(first with { Id = 0 }, default));
    }

    [Fact]
    public async Task A_budget_is_reserved_by_what_is_under_way()
    {
        var (batch, shards) = await TwoShardsAsync(NewBatch() with { MaxCost = 1m });
        Assert.Equal(BeginOutcome.OverBudget, await TryBeginAsync(shards[0], new SubmitLimits(1.5m)));
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shards[0], new SubmitLimits(0.7m)));
        Assert.Equal(BeginOutcome.BudgetReserved, await TryBeginAsync(shards[1], new SubmitLimits(0.4m)));
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shards[1], new SubmitLimits(0.3m)));
        await ChangeAsync(await FindAsync(shards[0]), new ShardChange { Status = ShardStatus.Failed, ResultsFetchedAt = When.Now });
        var back = await ChangeAsync(await FindAsync(shards[1]), new ShardChange { Status = ShardStatus.Pending, Lease = LeaseChange.Release });
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(back, new SubmitLimits(1m)));
        Assert.NotNull(batch);
    }

    [Fact]
    public async Task What_is_about_to_be_sent_asks_again_whether_it_may()
    {
        var description = NewBatch() with { MaxCost = 1m, FallbackModel = "x/y", FallbackAfter = TimeSpan.FromHours(1) };
        var sends = new ShardChange { CreateBegunAt = When.Now, HeldBy = "w1", RequiresStillAllowed = true };
        var (batch, shard) = await PlannedAsync(1, description);
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(shard, new SubmitLimits(0.7m)));
        shard = await FindAsync(shard);
        batch = await ChangeAsync(await FindAsync(batch), new BatchChange { MaxCost = 0.6m });
        Assert.Null(await Store.TryChangeShardAsync(shard, sends, null, default));
        batch = await ChangeAsync(batch, new BatchChange { MaxCost = 0.7m });
        Assert.Null(await Store.TryChangeShardAsync(shard, sends with { HeldBy = "w2" }, null, default));
        shard = await ChangeAsync(shard, sends);
        Assert.NotNull(shard.CreateBegunAt);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Store.TryChangeShardAsync(shard, sends, null, default));
        await ChangeAsync(batch, new BatchChange { FallbackSince = When.Now });
        shard = await ChangeAsync(shard, sends);
        await Other.RequestCancelAsync(batch.Id, default);
        Assert.Null(await Store.TryChangeShardAsync(shard, sends, null, default));
    }

    [Fact]
    public async Task A_budget_that_is_spent_is_over_whoever_is_under_way()
    {
        var (batch, shards) = await TwoShardsAsync(NewBatch() with { MaxCost = 1m });
        var accepted = await AcceptAsync(shards[0]);
        await Store.ApplyResultsAsync(await HeldAsync(accepted), "w1", Lease, [Answer((await EntriesAsync(batch.Id))[0].Id, cost: 1m)], default);
        Assert.Equal(BeginOutcome.OverBudget, await TryBeginAsync(shards[1], new SubmitLimits(0m)));
    }

    [Fact]
    public async Task The_queue_of_tokens_is_shared_by_all_batches_and_one_alone_passes()
    {
        var (_, first) = await PlannedAsync(1);
        var (_, second) = await PlannedAsync(1);
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(first, new SubmitLimits(MaxEnqueuedTokens: 50)));
        Assert.True(await Store.HasOthersUnderWayAsync(second, default));
        Assert.Equal(BeginOutcome.NoRoom, await TryBeginAsync(second, new SubmitLimits(MaxEnqueuedTokens: 199)));
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(second, new SubmitLimits(MaxEnqueuedTokens: 200)));
        await ChangeAsync(await FindAsync(second), new ShardChange { Status = ShardStatus.Canceled, ResultsFetchedAt = When.Now });
        Assert.False(await Store.HasOthersUnderWayAsync(first, default));
    }

    [Fact]
    public async Task Who_has_waited_for_room_is_not_passed_by_who_comes_later()
    {
        var (_, first) = await PlannedAsync(1);
        var (_, early) = await PlannedAsync(1);
        var (_, late) = await PlannedAsync(1);
        var limits = new SubmitLimits(MaxEnqueuedTokens: 1_000);
        var waits = new ShardChange { Trouble = new Trouble(ProviderErrorClass.Capacity, "Waits."), NextSubmitAt = When.Now };
        first = await ChangeAsync(first, waits);
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(early, limits));

        Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(BeginOutcome.NoRoom, await TryBeginAsync(late, limits with { MaxEnqueuedTokens = 100 }));
        first = await ChangeAsync(first, waits);
        Assert.Equal(BeginOutcome.NoRoom, await TryBeginAsync(late, limits));
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(first, limits));
        Assert.Equal(BeginOutcome.Begun, await TryBeginAsync(late, limits));
    }

    [Fact]
    public async Task A_shard_is_cut_into_two_halves()
    {
        var (batch, shard) = await PlannedAsync(5);
        var change = new ShardChange { Status = ShardStatus.Canceled, ResultsFetchedAt = When.Now, FailureCode = "split" };
        Assert.False(await Store.TrySplitShardAsync(shard with { Version = 9 }, change, [SubmissionKey.New(), SubmissionKey.New()], default));
        Assert.True(await Store.TrySplitShardAsync(shard, change, [SubmissionKey.New(), SubmissionKey.New()], default));
        var shards = await Store.ListShardsAsync(batch.Id, default);
        Assert.Equal([(1, 0, ShardStatus.Canceled), (2, 2, ShardStatus.Pending), (3, 3, ShardStatus.Pending)], shards.Select(row => (row.Number, row.EntryCount, row.Status)));
        Assert.Equal((int[])[2, 3], await LengthsAsync(shards.Skip(1)));
        Assert.Equal(3, shards.Select(row => row.SubmissionKey).Distinct().Count());
        Assert.Empty(await Store.ReadShardRequestsAsync(shard, false, 0, 1000, default));
        Assert.All(shards.Skip(1), half => Assert.Equal(
            (shard.Round, shard.Provider, shard.Model, shard.Endpoint, half.EntryCount * 2L, (half.BodyBytes + 3) / 4, Now),
            (half.Round, half.Provider, half.Model, half.Endpoint, half.BodyBytes, half.EnqueuedTokens, half.PlannedAt)));
    }

    [Fact]
    public async Task Of_a_shard_that_was_answered_in_part_the_rest_is_cut()
    {
        var (batch, shard) = await AcceptedAsync(4);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        var held = await HeldAsync(shard);
        await Store.ApplyResultsAsync(held, "w1", Lease, [Answer(ids[1])], default);
        SubmissionKey[] keys = [SubmissionKey.New(), SubmissionKey.New()];
        Assert.True(await Store.TrySplitShardAsync(held, new ShardChange { Status = ShardStatus.Canceled }, keys, default));
        var shards = await Store.ListShardsAsync(batch.Id, default);
        Assert.Equal([0, 1, 2], shards.Select(row => row.EntryCount));
        Assert.Equal(keys, shards.Skip(1).Select(row => row.SubmissionKey));
        Assert.Equal(
            [(shards[1].Id, EntryStatus.Pending), (shard.Id, EntryStatus.Succeeded), (shards[2].Id, EntryStatus.Pending), (shards[2].Id, EntryStatus.Pending)],
            (await EntriesAsync(batch.Id)).Select(row => (row.ShardId!.Value, row.Status)));
        Assert.False(await Store.TrySplitShardAsync(shards[1], new ShardChange { Status = ShardStatus.Canceled }, keys, default));
        Assert.Equal((ShardStatus.Pending, 1), ((await FindAsync(shards[1])).Status, (await FindAsync(shards[1])).EntryCount));
        Assert.True(await Store.TrySplitShardAsync(shards[2], new ShardChange { Status = ShardStatus.Canceled }, [SubmissionKey.New(), SubmissionKey.New()], default));
    }

    [Fact]
    public async Task A_shard_that_was_answered_in_part_is_not_sent_again_as_it_is()
    {
        var (batch, shard) = await AcceptedAsync(2);
        var again = new ShardChange { RequiresUnanswered = true };
        var held = await ChangeAsync(await HeldAsync(shard), again);
        await Store.ApplyResultsAsync(held, "w1", Lease, [Answer((await EntriesAsync(batch.Id))[0].Id)], default);

        Assert.Null(await Store.TryChangeShardAsync(held, again, null, default));
    }

    [Fact]
    public async Task Doubles_are_only_ever_added()
    {
        var (_, shard) = await PlannedAsync(1);
        await Task.WhenAll(Store.AddDoubleAsync(shard.Id, "a", default), Other.AddDoubleAsync(shard.Id, "b", default));
        await Store.AddDoubleAsync(shard.Id, "a", default);
        Assert.Equal(["a", "b"], (await FindAsync(shard)).Doubles.Order());
        Assert.Equal(shard.Version, (await FindAsync(shard)).Version);

        var changed = await Store.TryChangeShardAsync(shard, new ShardChange { Doubles = new(["c", "a"]) }, null, default);
        Assert.Equal(["a", "b", "c"], changed!.Doubles.Order());
        Assert.Equal(["a", "b", "c"], (await FindAsync(shard)).Doubles.Order());
    }

    [Fact]
    public async Task That_a_cancel_was_sent_is_noted_past_whoever_holds_the_shard()
    {
        var (_, shard) = await AcceptedAsync(1);
        var held = await HeldAsync(shard);
        await Other.NoteCancelSentAsync(shard, default);
        var kept = await ChangeAsync(held, new ShardChange { PollAttempt = 1, HeldBy = "w1" });
        Assert.Equal((Now, "w1"), (kept.CancelSentAt, kept.LeaseOwner));

        var turnedAway = await ChangeAsync(kept, new ShardChange { ProviderBatchId = (string?)null, CancelSentAt = When.Never });
        await Other.NoteCancelSentAsync(shard, default);
        Assert.Null((await FindAsync(turnedAway)).CancelSentAt);
    }

    [Fact]
    public async Task A_cancel_that_a_host_takes_back_was_not_sent()
    {
        var (_, shard) = await AcceptedAsync(1);
        await using var connection = await Subject.ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await Store.In(transaction).NoteCancelSentAsync(shard, default);
            await transaction.RollbackAsync();
        }

        Assert.Null((await FindAsync(shard)).CancelSentAt);
    }

    [Fact]
    public async Task Change_that_requires_a_free_lease_fails_while_somebody_holds_it()
    {
        var (_, shard) = await PlannedAsync(1);
        var held = (await Store.TryChangeShardAsync(shard, new ShardChange { Lease = new LeaseChange("w1", TimeSpan.FromMinutes(5)) }, null, default))!;
        Assert.Null(await Store.TryChangeShardAsync(held, new ShardChange { Doubt = "d", Lease = LeaseChange.TakeAway() }, null, default));
        Assert.NotNull(await Store.TryChangeShardAsync(held, new ShardChange { Doubt = "d", Lease = LeaseChange.TakeAway("w1") }, null, default));
    }

    private async Task<List<int>> LengthsAsync(IEnumerable<ShardRow> shards)
    {
        var lengths = new List<int>();
        foreach (var shard in shards)
            lengths.Add((await Store.ReadShardRequestsAsync(shard, false, 0, 1000, default)).Count);

        return lengths;
    }

    private async Task<BeginOutcome> TryBeginAsync(ShardRow shard, SubmitLimits? limits = null)
    {
        limits ??= new SubmitLimits();
        return (await Store.TryBeginSubmitAsync(shard, Begin("w1") with { ReservedCost = limits.ReservedCost }, limits, default)).Outcome;
    }

    private async Task<(BatchRow Batch, List<ShardRow> Shards)> TwoShardsAsync(BatchRow description)
    {
        var batch = await BuildAsync(2, description);
        var waiting = await Store.ReadWaitingAsync(batch.Id, 0, 10, default);
        var first = (await Store.TryPlanShardAsync(batch, Plan([waiting[0]], 1), default))!;
        var second = (await Store.TryPlanShardAsync(first.Batch, Plan([waiting[1]], 1), default))!;
        return (await ChangeAsync(second.Batch, new BatchChange { Status = BatchStatus.Running, Round = 1 }), [first.Shard, second.Shard]);
    }
}
