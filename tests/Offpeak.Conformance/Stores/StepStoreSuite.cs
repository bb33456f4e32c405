using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>Steps over all entries of a batch, chunk by chunk, fenced by the batch's version.</summary>
public abstract class StepStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    private static readonly EntryChange Cancel = new(EntryStatus.Pending, EntryStatus.Canceled, "canceled", "why");

    [Fact]
    public async Task Waiting_entries_are_settled_and_counted_once()
    {
        var batch = await ChangeAsync(await BuildAsync(3), new BatchChange { Step = BatchStep.Cancel });
        await StepAsync(batch, Cancel);
        await StepAsync(batch, Cancel);
        Assert.Equal((0, 0, 3, 0), await CountsAsync(batch));
        Assert.Equal(("canceled", "why"), ((await EntriesAsync(batch.Id))[2].ErrorCode, (await EntriesAsync(batch.Id))[2].ErrorMessage));
        Assert.Equal(batch.Version, (await FindAsync(batch)).Version);
    }

    [Fact]
    public async Task A_batch_that_was_changed_meanwhile_is_left_alone()
    {
        var batch = await ChangeAsync(await BuildAsync(1), new BatchChange { Step = BatchStep.Cancel });
        await Other.TryChangeBatchAsync(batch, new BatchChange { Step = (BatchStep?)null }, default);
        await Assert.ThrowsAsync<LeaseLostException>(() => Store.StepEntriesAsync(batch, Cancel, null, 0, default));
        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
    }

    [Fact]
    public async Task A_batch_that_was_changed_meanwhile_and_is_at_the_same_step_is_left_alone()
    {
        var batch = await ChangeAsync(await BuildAsync(1), new BatchChange { Step = BatchStep.Cancel });
        await Other.TryChangeBatchAsync(batch, new BatchChange { FailureReason = "another" }, default);
        await Assert.ThrowsAsync<LeaseLostException>(() => Store.StepEntriesAsync(batch, Cancel, null, 0, default));
        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
    }

    [Fact]
    public async Task Reopened_entries_wait_again_and_the_answered_stay()
    {
        var (batch, shard) = await AcceptedAsync(4, entry: id => Entry(id, "body"));
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(
            await HeldAsync(shard), "w1", Lease, [Answer(ids[0]), Answer(ids[1], EntryStatus.Failed), Answer(ids[2], EntryStatus.Expired), Answer(ids[3], EntryStatus.Pending, next: EntryContinuation.ToolCalls)], default);
        await Store.TrySaveTurnAsync((await Store.ReadTurnsAsync(batch.Id, 0, 1000, default))[0], Bytes("a longer body"), default);
        batch = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Cancel });
        await StepAsync(batch, Cancel);
        Assert.Equal((1, 1, 1, 1), await CountsAsync(batch));
        batch = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Reopen });
        await StepAsync(batch, null);
        await StepAsync(batch, null);
        Assert.Equal((1, 0, 0, 0), await CountsAsync(batch));
        Assert.Equal([4, 4, 4], (await Store.ReadWaitingAsync(batch.Id, 0, 10, default)).Select(row => row.RequestBytes));
        Assert.Equal([0, 0, 0, 0], (await EntriesAsync(batch.Id)).Select(row => row.Turn));
        var (_, again) = await PlanAsync(await FindAsync(batch), 2);
        Assert.All(await Store.ReadShardRequestsAsync(again, false, 0, 1000, default), row => Assert.Equal("body", Text(row.Body)));
    }

    [Fact]
    public async Task An_interrupted_conversation_goes_on_where_it_was()
    {
        var (batch, shard) = await AcceptedAsync(1);
        var id = (await EntriesAsync(batch.Id))[0].Id;
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer(id, EntryStatus.Pending, next: EntryContinuation.ToolCalls)], default);
        batch = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Cancel });
        await StepAsync(batch, Cancel);
        Assert.Equal(0, await Store.CountTurnsAsync(batch.Id, null, default));
        batch = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Reopen });
        await StepAsync(batch, null);
        Assert.Equal(1, await Store.CountTurnsAsync(batch.Id, null, default));
    }

    [Fact]
    public async Task At_a_fallback_waiting_entries_are_sent_in_its_form()
    {
        var (batch, shard) = await AcceptedAsync(2, NewBatch() with { FallbackModel = "xai/grok" }, id => Entry(id, "ours") with { FallbackBody = Bytes("the fallback's") });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [Answer(ids[0]), Answer(ids[1], EntryStatus.Pending, next: EntryContinuation.InvalidAnswer)], default);
        batch = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Fallback, FallbackSince = When.Now });
        await StepAsync(batch, null, "grok");
        await StepAsync(batch, null, "grok");
        Assert.Equal([new WaitingEntryRow(ids[1], "grok", 14)], await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
        var (_, again) = await PlanAsync(await FindAsync(batch), 2, isFallback: true);
        Assert.Equal("the fallback's", Text((await Store.ReadShardRequestsAsync(again, false, 0, 1000, default))[0].Body));
        Assert.Equal([false, true], (await Store.ReadResultsAsync(batch.Id, 0, 1000, default)).Select(row => row.IsFallback));
    }

    [Theory]
    [InlineData(BatchStep.Reopen)]
    [InlineData(BatchStep.Fallback)]
    public async Task A_conversation_with_another_model_starts_over(BatchStep step)
    {
        var (batch, shard) = await AcceptedAsync(3, NewBatch() with { FallbackModel = "xai/grok" }, id => Entry(id, "ours") with { FallbackBody = Bytes("the fallback's") });
        var ids = (await EntriesAsync(batch.Id)).Select(row => row.Id).ToList();
        EntryContinuation[] reasons = [EntryContinuation.ToolCalls, EntryContinuation.OutputLimit, EntryContinuation.InvalidAnswer];
        await Store.ApplyResultsAsync(await HeldAsync(shard), "w1", Lease, [.. ids.Zip(reasons, (id, next) => Answer(id, EntryStatus.Pending, next: next))], default);
        foreach (var turn in await Store.ReadTurnsAsync(batch.Id, 0, 1000, default))
            await Store.TrySaveTurnAsync(turn, Bytes("a next turn"), default);

        batch = await ChangeAsync(batch, new BatchChange { FallbackSince = When.Now, Step = step == BatchStep.Reopen ? BatchStep.Cancel : step });
        if (step == BatchStep.Reopen)
        {
            await StepAsync(batch, Cancel);
            batch = await ChangeAsync(batch, new BatchChange { Step = step });
        }

        await StepAsync(batch, null, "grok");
        Assert.Equal(ids.Select(id => new WaitingEntryRow(id, "grok", 14)), await Store.ReadWaitingAsync(batch.Id, 0, 10, default));
        Assert.All(await Store.ReadReviewsAsync(ids, false, 1000, default), review => Assert.Equal((0, 0, false), (review.Turn, review.AnswerRetries, review.OutputRaised)));
        var (_, again) = await PlanAsync(await FindAsync(batch), 2, isFallback: true);
        Assert.All(await Store.ReadShardRequestsAsync(again, false, 0, 1000, default), row => Assert.Equal("the fallback's", Text(row.Body)));
        Assert.Equal((0, 0, 0, 0), await CountsAsync(batch));
    }

    [Fact]
    public async Task What_is_long_is_done_in_chunks()
    {
        var batch = await ChangeAsync(await BuildAsync(4_500), new BatchChange { Step = BatchStep.Cancel });
        Assert.InRange(await StepAsync(batch, Cancel), 3, 10);
        Assert.Equal((0, 0, 4_500, 0), await CountsAsync(batch));
    }

    private async Task<int> StepAsync(BatchRow batch, EntryChange? change, string? model = null)
    {
        var chunks = 0;
        for (long? after = 0; after is { } last; chunks++)
            after = await Store.StepEntriesAsync(batch, change, model, last, default);

        return chunks;
    }
}
