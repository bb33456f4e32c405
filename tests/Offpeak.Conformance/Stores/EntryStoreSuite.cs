using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>Entries: added whole or not at all, read in pages of bytes, answered once.</summary>
public abstract class EntryStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    [Fact]
    public async Task Entries_are_added_in_order_while_the_batch_is_building()
    {
        var batch = await BuildAsync(3);
        Assert.Equal((3, 1L, false), (batch.EntryCount, batch.Version, batch.ValidatesAnswers));
        await Store.AddEntriesAsync(batch.Id, [Entry("x") with { ValidatesAnswer = true }], default);
        Assert.True((await FindAsync(batch)).ValidatesAnswers);
        Assert.Equal(["e1", "e2", "e3", "x"], (await EntriesAsync(batch.Id)).Select(row => row.CustomId));
        Assert.Null(await Store.TryChangeBatchAsync(batch, new BatchChange { Status = BatchStatus.Running }, default));
        await ChangeAsync(await FindAsync(batch), new BatchChange { Status = BatchStatus.Running });
        var refused = await Assert.ThrowsAsync<OffpeakException>(() => Store.AddEntriesAsync(batch.Id, [Entry("y")], default));
        Assert.Equal(OffpeakErrorCode.InvalidState, refused.Code);
        Assert.Equal(4, (await FindAsync(batch)).EntryCount);
    }

    [Fact]
    public async Task A_batch_validates_answers_if_one_of_its_entries_does()
    {
        var batch = await BuildAsync(0);
        await Store.AddEntriesAsync(batch.Id, [Entry("a"), Entry("b") with { ValidatesAnswer = true }], default);
        await Store.AddEntriesAsync(batch.Id, [Entry("c")], default);
        Assert.True((await FindAsync(batch)).ValidatesAnswers);
        var reviews = await Store.ReadReviewsAsync([.. (await EntriesAsync(batch.Id)).Select(row => row.Id)], false, 1000, default);
        Assert.Equal([null, "{}", null], reviews.Select(review => review.Request is { } request ? Text(request) : null));
        Assert.Empty(await Store.ReadReviewsAsync([], false, 1000, default));
    }

    [Fact]
    public async Task Bodies_may_be_empty_or_parts_of_longer_arrays()
    {
        var batch = await BuildAsync(0);
        var (whole, from) = (Bytes("first, second"), "first, ".Length);
        await Store.AddEntriesAsync(batch.Id, [new("empty", "m", default), new("start", "m", whole[..5]), new("end", "m", whole[from..])], default);
        var (planned, shard) = await PlanAsync(await FindAsync(batch), 1);
        await ChangeAsync(planned, new BatchChange { Status = BatchStatus.Running, Round = 1 });
        Assert.Equal(["", "first", "second"], (await Store.ReadShardRequestsAsync(shard, false, 0, 1000, default)).Select(row => Text(row.Body)));

        var held = await HeldAsync(await AcceptAsync(shard));
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(held, "w1", Lease, [.. ids.Select(id => Answer(id, EntryStatus.Pending, next: EntryContinuation.ToolCalls))], default);
        foreach (var (turn, part) in (await Store.ReadTurnsAsync(batch.Id, 0, 1000, default)).Zip<EntryTurn, ReadOnlyMemory<byte>>([whole[1..4], whole[..5], whole[from..]]))
            Assert.True(await Store.TrySaveTurnAsync(turn, part, default));

        var (_, again) = await PlanAsync(await FindAsync(batch), 2);
        Assert.Equal(["irs", "first", "second"], (await Store.ReadShardRequestsAsync(again, false, 0, 1000, default)).Select(row => Text(row.Body)));
    }

    [Fact]
    public async Task A_taken_custom_id_takes_the_whole_chunk_back()
    {
        var batch = await BuildAsync(2);
        var refused = await Assert.ThrowsAsync<OffpeakException>(() => Store.AddEntriesAsync(batch.Id, [Entry("new"), Entry("e2")], default));
        Assert.Equal(OffpeakErrorCode.DuplicateCustomId, refused.Code);
        Assert.Contains("'e2'", refused.Message);
        Assert.Equal((2, batch.Version), ((await FindAsync(batch)).EntryCount, (await FindAsync(batch)).Version));
        Assert.Equal(2, (await Store.CountEntriesAsync(batch.Id, default)).Total);
    }

    [Fact]
    public async Task Pages_hold_so_many_bytes_and_at_least_one_row()
    {
        var (batch, shard) = await AcceptedAsync(5, entry: id => Entry(id, new string('x', id == "e3" ? 500 : 40)));
        Assert.Equal([2, 1, 2], await PageSizesAsync(after => Store.ReadRequestsAsync(batch.Id, after, 100, default), row => row.EntryId));
        Assert.Equal([2, 1, 2], await PageSizesAsync(after => Store.ReadShardRequestsAsync(shard, false, after, 100, default), row => row.EntryId));
        Assert.Equal([5], await PageSizesAsync(after => Store.ReadRequestsAsync(batch.Id, after, 660, default), row => row.EntryId));
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer((await EntriesAsync(batch.Id))[4].Id)], default);
        Assert.Equal([4, 1], await PageSizesAsync(after => Store.ReadResultsAsync(batch.Id, after, 1, default), row => row.Entry.Id));
    }

    [Fact]
    public async Task Bodies_of_megabytes_are_read_as_they_were_written_whichever_of_them_is_next()
    {
        var (batch, shard) = await AcceptedAsync(2, entry: id => Entry(id, Large('f')) with { FallbackBody = Bytes(Large('g')) });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        Assert.Equal([Large('f'), Large('f')], await ReadAllAsync(after => Store.ReadRequestsAsync(batch.Id, after, 1, default)));
        Assert.Equal([Large('f'), Large('f')], await ReadAllAsync(after => Store.ReadShardRequestsAsync(shard, false, after, 1, default)));
        Assert.Equal([Large('g'), Large('g')], await ReadAllAsync(after => Store.ReadShardRequestsAsync(shard with { IsFallback = true }, false, after, 1, default)));
        var large = Answer(ids[0], EntryStatus.Pending, next: EntryContinuation.ToolCalls);
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [large with { Result = large.Result with { Body = Bytes(Large('a')) } }], default);
        var turn = (await Store.ReadTurnsAsync(batch.Id, 0, 1, default))[0];
        Assert.Equal((Large('f'), Large('a')), (Text(turn.Request), Text(turn.Answer)));
        Assert.True(await Store.TrySaveTurnAsync(turn, Bytes(Large('n')), default));
        var (_, again) = await PlanAsync(await FindAsync(batch), 2);
        Assert.Equal([Large('n')], await ReadAllAsync(after => Store.ReadShardRequestsAsync(again, false, after, 1, default)));

        static string Large(char letter) => new(letter, 1_500_000);

        static async Task<List<string>> ReadAllAsync(Func<long, Task<IReadOnlyList<EntryBodyRow>>> read)
        {
            List<string> found = [];
            for (long after = 0; await read(after) is { Count: > 0 } page; after = page[^1].EntryId)
                found.AddRange(page.Select(row => Text(row.Body)));

            return found;
        }
    }

    [Fact]
    public async Task Only_open_entries_of_a_shard_are_read_where_that_is_asked()
    {
        var (batch, shard) = await AcceptedAsync(3);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer(ids[1])], default);
        Assert.Equal([ids[0], ids[2]], (await Store.ReadShardRequestsAsync(shard, true, 0, 1000, default)).Select(row => row.EntryId));
        Assert.Equal(ids.Sum(id => $"{id}".Length), await Store.SumEntryIdLengthsAsync(shard.Id, default));
    }

    [Fact]
    public async Task Results_are_applied_once_and_add_up_on_entry_and_batch()
    {
        var (batch, shard) = await AcceptedAsync(4);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        var held = await HeldAsync(shard);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var applied = await Store.ApplyResultsAsync(
            held, "w1", Lease, [Answer(ids[0], cost: 0.1m), Answer(ids[1], EntryStatus.Failed, 0.20000000000000000001m), Answer(ids[0], EntryStatus.Failed, 5m), Answer(987654)], default);
        Assert.Equal(new AppliedResults(2, 1), applied);
        Assert.Equal(Now + Lease, (await FindAsync(shard)).LeaseUntil);
        Assert.Equal(new AppliedResults(0, 0), await Store.ApplyResultsAsync(held, "w1", Lease, [Answer(ids[0], EntryStatus.Failed)], default));
        Assert.Equal((1, 1, 0, 0), await CountsAsync(batch));
        var row = await FindAsync(batch);
        Assert.Equal((20L, 6L, 0.30000000000000000001m, batch.Version), (row.InputTokens, row.OutputTokens, row.Cost, row.Version));
        var entry = (await Store.ReadResultsAsync(batch.Id, 0, long.MaxValue, default))[0];
        Assert.Equal((EntryStatus.Succeeded, 200, "stop", 10L, 2L, 3L, 0.1m, 1, "{\"a\":1}", false), (
            entry.Entry.Status, entry.Entry.StatusCode, entry.Entry.FinishReason, entry.Entry.InputTokens, entry.Entry.CachedInputTokens, entry.Entry.OutputTokens, entry.Entry.Cost, entry.Entry.Attempts, Text(entry.Body), entry.IsFallback));
    }

    [Fact]
    public async Task An_answer_is_read_as_it_was_applied()
    {
        var (batch, shard) = await AcceptedAsync(2, entry: id => Entry(id) with { Model = "m" });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        var full = new ProviderResult
        {
            Kind = ProviderResultKind.Failed,
            StatusCode = 429,
            ErrorCode = "c\0",
            ErrorMessage = "why",
            FinishReason = "length",
            Model = "m-2026",
            Body = Bytes("body"),
            Usage = new TokenUsage(1, 2, 3),
        };
        var bare = new ProviderResult { Kind = ProviderResultKind.Succeeded };
        Assert.Equal(
            new AppliedResults(2, 0),
            await Store.ApplyResultsAsync(
                await HeldAsync(shard), "w1", Lease, [new(ids[0], EntryStatus.Failed, full, 0.5m), new(ids[1], EntryStatus.Succeeded, bare, null)], default));

        var rows = await Store.ReadResultsAsync(batch.Id, 0, 1000, default);
        var entry = new EntryRow { Id = ids[1], CustomId = "e2", Model = "m", Status = EntryStatus.Succeeded, ShardId = shard.Id, Attempts = 1 };
        Assert.Equal(entry, rows[1].Entry);
        Assert.Equal(("body", ""), (Text(rows[0].Body), Text(rows[1].Body)));
        Assert.Equal(
            entry with
            {
                Id = ids[0],
                CustomId = "e1",
                Status = EntryStatus.Failed,
                StatusCode = 429,
                ErrorCode = "c\0",
                ErrorMessage = "why",
                FinishReason = "length",
                ResponseModel = "m-2026",
                InputTokens = 1,
                CachedInputTokens = 2,
                OutputTokens = 3,
                Cost = 0.5m,
            },
            rows[0].Entry);
        var sums = await FindAsync(batch);
        Assert.Equal((1L, 3L, 0.5m, 1, 1), (sums.InputTokens, sums.OutputTokens, sums.Cost, sums.SucceededCount, sums.FailedCount));
    }

    [Fact]
    public async Task A_page_of_results_is_cut_by_answers()
    {
        var (batch, shard) = await AcceptedAsync(5);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(
            await HeldAsync(shard), "w1", Lease,
            [.. ids.Select((id, i) => Answer(id) is var row ? row with { Result = row.Result with { Body = Bytes(new string('a', i == 2 ? 500 : 40)) } } : row)], default);
        Assert.Equal([2, 1, 2], await PageSizesAsync(after => Store.ReadResultsAsync(batch.Id, after, 100, default), row => row.Entry.Id));
    }

    [Fact]
    public async Task What_goes_on_is_counted_by_its_reason()
    {
        var (batch, shard) = await AcceptedAsync(3);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        EntryContinuation[] reasons = [EntryContinuation.ToolCalls, EntryContinuation.OutputLimit, EntryContinuation.InvalidAnswer];
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [.. ids.Zip(reasons, (id, next) => Answer(id, EntryStatus.Pending, next: next))], default);
        var turns = await Store.ReadTurnsAsync(batch.Id, 0, 1000, default);
        Assert.Equal(reasons, turns.Select(turn => turn.Continuation));
        foreach (var turn in turns)
            Assert.True(await Store.TrySaveTurnAsync(turn, Bytes("next"), default));

        Assert.Equal(
            [(1, 0, false), (0, 0, true), (0, 1, false)],
            (await Store.ReadReviewsAsync(ids, false, 1000, default)).Select(review => (review.Turn, review.AnswerRetries, review.OutputRaised)));
        Assert.Equal((20L * 3 / 2, 9L), ((await FindAsync(batch)).InputTokens, (await FindAsync(batch)).OutputTokens));
    }

    [Fact]
    public async Task What_a_second_round_costs_is_added_exactly()
    {
        var (batch, shard) = await AcceptedAsync(1);
        var id = (await EntriesAsync(batch.Id))[0].Id;
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer(id, EntryStatus.Pending, 0.1m)], default);
        var (_, again) = await PlanAsync(await FindAsync(batch), round: 1);
        await Store.ApplyResultsAsync(await HeldAsync(await AcceptAsync(again)), "w1", Lease, [Answer(id, cost: 0.000000000000000002m)], default);
        var entry = (await EntriesAsync(batch.Id))[0];
        Assert.Equal((EntryStatus.Succeeded, 0.100000000000000002m, 20L, 2), (entry.Status, entry.Cost, entry.InputTokens, entry.Attempts));
        Assert.Equal(0.100000000000000002m, (await FindAsync(batch)).Cost);
    }

    [Fact]
    public async Task Without_the_lease_nothing_is_applied()
    {
        var (batch, shard) = await AcceptedAsync(1);
        var held = await HeldAsync(shard);
        Clock.Advance(Lease);
        var taken = await Other.TryChangeShardAsync(held, new ShardChange { Lease = new LeaseChange("w2", Lease) }, null, default);
        Assert.NotNull(taken);
        await Assert.ThrowsAsync<LeaseLostException>(() => Store.ApplyResultsAsync(held, "w1", Lease, [Answer(1)], default));
        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
    }

    [Fact]
    public async Task A_conversation_goes_on_once_for_each_turn()
    {
        var (batch, shard) = await AcceptedAsync(2, entry: id => Entry(id, "first") with { ValidatesAnswer = true });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        var reviews = await Store.ReadReviewsAsync(ids, false, 6, default);
        Assert.Equal((1, ids[0], "first"), (reviews.Count, reviews[0].EntryId, Text(reviews[0].Request!.Value)));
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [.. ids.Select(id => Answer(id, EntryStatus.Pending, next: EntryContinuation.ToolCalls))], default);
        Assert.Equal(2, await Store.CountTurnsAsync(batch.Id, null, default));
        Assert.Equal(2, await Store.CountTurnsAsync(batch.Id, EntryContinuation.ToolCalls, default));
        Assert.Equal(0, await Store.CountTurnsAsync(batch.Id, EntryContinuation.InvalidAnswer, default));
        Assert.Empty(await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
        var turns = await Store.ReadTurnsAsync(batch.Id, 0, 1000, default);
        Assert.Equal((ids[0], "e1", 0, EntryContinuation.ToolCalls, "first", "{\"a\":1}"), (turns[0].EntryId, turns[0].CustomId, turns[0].Turn, turns[0].Continuation, Text(turns[0].Request), Text(turns[0].Answer)));
        Assert.True(await Store.TrySaveTurnAsync(turns[0], Bytes("second turn"), default));
        Assert.False(await Other.TrySaveTurnAsync(turns[0], Bytes("late"), default));
        Assert.True(await Store.TryFailTurnAsync(turns[1], "c", "why", default));
        Assert.False(await Other.TryFailTurnAsync(turns[1], "c", "why", default));
        Assert.Equal((0, 1, 0, 0), await CountsAsync(batch));
        Assert.Equal([new WaitingEntryRow(ids[0], "m", 11)], await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
        var (_, again) = await PlanAsync(await FindAsync(batch), 2);
        Assert.Equal("second turn", Text((await Store.ReadShardRequestsAsync(again, false, 0, 1000, default))[0].Body));
        Assert.Equal("first", Text((await Store.ReadRequestsAsync(batch.Id, 0, 1000, default))[0].Body));
        Assert.Equal((1, 1), ((await EntriesAsync(batch.Id))[0].Turn, (await Store.ReadReviewsAsync([ids[0]], false, 1, default))[0].Turn));
    }

    [Fact]
    public async Task A_review_brings_the_requests_that_are_checked_or_all()
    {
        var (batch, _) = await AcceptedAsync(3, entry: id => Entry(id, "body") with { ValidatesAnswer = id == "e2" });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        Assert.Equal([null, "body", null], (await Store.ReadReviewsAsync(ids, false, 1000, default)).Select(Request));
        Assert.Equal(["body", "body", "body"], (await Store.ReadReviewsAsync(ids, true, 1000, default)).Select(Request));
        Assert.Equal(2, (await Store.ReadReviewsAsync(ids, true, 8, default)).Count);

        static string? Request(EntryReview review) => review.Request is { } body ? Text(body) : null;
    }

    [Fact]
    public async Task A_pause_is_a_turn_and_a_raised_limit_is_none()
    {
        var (batch, shard) = await AcceptedAsync(2);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        ResultRow[] rows =
        [
            Answer(ids[0], EntryStatus.Pending, next: EntryContinuation.Paused), Answer(ids[1], EntryStatus.Pending, next: EntryContinuation.OutputLimit),
        ];
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, rows, default);
        Assert.Equal(1, await Store.CountTurnsAsync(batch.Id, EntryContinuation.Paused, default));
        foreach (var turn in await Store.ReadTurnsAsync(batch.Id, 0, 1000, default))
            Assert.True(await Store.TrySaveTurnAsync(turn, Bytes("next"), default));

        Assert.Equal([(1, false), (0, true)], (await Store.ReadReviewsAsync(ids, false, 1000, default)).Select(review => (review.Turn, review.OutputRaised)));
    }

    [Fact]
    public async Task Answers_that_were_cut_off_are_counted_if_they_count_as_answers()
    {
        var (batch, shard) = await AcceptedAsync(4);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        ResultRow[] rows = [Cut(Answer(ids[0])), Cut(Answer(ids[1])), Cut(Answer(ids[2], EntryStatus.Failed)), Answer(ids[3])];
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, rows, default);

        Assert.Equal(2, await Store.CountCutOffAsync(batch.Id, default));

        static ResultRow Cut(ResultRow row) => row with { Result = row.Result with { FinishReason = "length" } };
    }

    [Fact]
    public async Task A_turn_that_was_read_in_an_earlier_round_is_neither_written_nor_failed()
    {
        var (batch, shard) = await AcceptedAsync(1);
        var id = (await EntriesAsync(batch.Id))[0].Id;
        var late = await CallsToolsAsync(batch, shard, id);
        Assert.True(await Store.TrySaveTurnAsync(late, Bytes("second turn"), default));
        var (_, again) = await PlanAsync(await FindAsync(batch), round: 1);
        var turn = await CallsToolsAsync(batch, await AcceptAsync(again), id);
        Assert.Equal((0, 1), (late.Turn, turn.Turn));

        Assert.False(await Other.TrySaveTurnAsync(late, Bytes("late"), default));
        Assert.False(await Other.TryFailTurnAsync(late, "c", "why", default));

        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
        Assert.Equal("second turn", Text((await Store.ReadTurnsAsync(batch.Id, 0, 1000, default))[0].Request));
        Assert.True(await Store.TrySaveTurnAsync(turn, Bytes("third turn"), default));
    }

    [Fact]
    public async Task Errors_are_counted_by_code_with_an_example()
    {
        var (batch, shard) = await AcceptedAsync(4);
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(
            await HeldAsync(shard), "w1", Lease, [Failed(ids[0], "rare", "once"), Failed(ids[1], "often", "b"), Failed(ids[2], "often", "a"), Answer(ids[3])], default);

        Assert.Equal([new EntryErrorCount("often", 2, "a"), new EntryErrorCount("rare", 1, "once")], await Store.CountErrorsAsync(batch.Id, default));

        static ResultRow Failed(long id, string code, string message)
        {
            var row = Answer(id, EntryStatus.Failed);
            return row with { Result = row.Result with { ErrorCode = code, ErrorMessage = message } };
        }
    }

    [Fact]
    public async Task A_page_of_turns_is_cut_by_requests_and_answers()
    {
        var (batch, shard) = await AcceptedAsync(5, entry: id => Entry(id, new string('x', 10)));
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [.. ids.Select(LongAnswer)], default);

        Assert.Equal([2, 2, 1], await PageSizesAsync(after => Store.ReadTurnsAsync(batch.Id, after, 220, default), row => row.EntryId));
        Assert.Equal([1, 1, 1, 1, 1], await PageSizesAsync(after => Store.ReadTurnsAsync(batch.Id, after, 50, default), row => row.EntryId));

        static ResultRow LongAnswer(long id)
        {
            var row = Answer(id, EntryStatus.Pending, next: EntryContinuation.ToolCalls);
            return row with { Result = row.Result with { Body = Bytes(new string('a', 100)) } };
        }
    }

    private async Task<EntryTurn> CallsToolsAsync(BatchRow batch, ShardRow shard, long id)
    {
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer(id, EntryStatus.Pending, next: EntryContinuation.ToolCalls)], default);
        return (await Store.ReadTurnsAsync(batch.Id, 0, 1000, default))[0];
    }

    private static async Task<List<int>> PageSizesAsync<T>(Func<long, Task<IReadOnlyList<T>>> read, Func<T, long> id)
    {
        var sizes = new List<int>();
        for (long after = 0; await read(after) is { Count: > 0 } page; after = id(page[^1]))
            sizes.Add(page.Count);

        return sizes;
    }
}
