using System.Data;
using System.Data.Common;
using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>Batches: what is written is read, every change is guarded, and a lost race is a null.</summary>
public abstract class BatchStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    [Fact]
    public async Task Tables_that_were_made_are_found()
    {
        var found = await Store.FindTablesAsync(default);
        Assert.True(found.AreThere);
        Assert.Empty(found.OtherSchemas);
    }

    [Fact]
    public async Task A_batch_is_read_as_it_was_written()
    {
        var batch = NewBatch() with
        {
            Metadata = new Dictionary<string, string> { ["a"] = "ä\"b", ["c\0\uF8FF"] = "\uF8FF Inc.\ud800", ["empty"] = "" },
            Handler = "h",
            InputKey = "k",
            MaxCost = 0.1234567890123456789m,
            RoundsGiven = 6,
            MaxTurns = 4,
            MaxAnswerRetries = 2,
            ValidatesAnswers = true,
            Canary = 5,
            FallbackModel = "xai/grok",
            FallbackAfter = new TimeSpan(1, 2, 3, 4, 5),
        };
        var made = (await Store.TryCreateBatchAsync(batch, default))!;
        var read = (await Other.FindBatchAsync(made.Id, default))!;
        Assert.Equal(batch.Metadata, read.Metadata);
        Assert.Equal(batch with { Id = made.Id, CreatedAt = Now, Metadata = read.Metadata }, read);
        Assert.Equal(read, made with { Metadata = read.Metadata });
    }

    [Fact]
    public async Task A_change_sets_each_field_that_it_names_and_no_other()
    {
        var batch = await BuildAsync(0, NewBatch() with { InputKey = "k", MaxCost = 9m, Canary = 99 });
        foreach (var field in ChangeFields.Of<BatchChange>())
        {
            var (written, read) = ChangeFields.Example(field, Now);
            var changed = await ChangeAsync(batch, ChangeFields.Only<BatchChange>(field, written));
            Assert.Equal(
                new Dictionary<string, string> { [field.Name] = ChangeFields.Show(read), [nameof(BatchRow.Version)] = $"{batch.Version + 1}" },
                Stored(ChangeFields.Differences(batch, changed)));
            batch = changed;
        }

        foreach (var field in ChangeFields.Of<BatchChange>().Where(ChangeFields.CanBeCleared))
        {
            var changed = await ChangeAsync(batch, ChangeFields.Only<BatchChange>(field, ChangeFields.Nothing(field)));
            Assert.Equal([field.Name, nameof(BatchRow.Version)], Stored(ChangeFields.Differences(batch, changed)).Keys);
            Assert.Null(typeof(BatchRow).GetProperty(field.Name)!.GetValue(changed));
            batch = changed;
        }

        // What is worked out from others follows them.
        static Dictionary<string, string> Stored(IReadOnlyDictionary<string, string> differences) =>
            differences.Where(pair => pair.Key != nameof(BatchRow.FallbackAt)).ToDictionary();
    }

    [Fact]
    public async Task An_input_key_belongs_to_one_batch_until_it_is_released()
    {
        var first = await Store.TryCreateBatchAsync(NewBatch() with { InputKey = "k" }, default);
        Assert.Null(await Other.TryCreateBatchAsync(NewBatch() with { InputKey = "k" }, default));
        Assert.Equal(first!.Id, (await Other.FindBatchByInputKeyAsync("k", default))!.Id);
        await Store.ReleaseInputKeyAsync("k", default);
        Assert.Null(await Store.FindBatchByInputKeyAsync("k", default));
        Assert.NotNull(await Other.TryCreateBatchAsync(NewBatch() with { InputKey = "k" }, default));
    }

    [Fact]
    public async Task Batches_are_listed_from_the_newest_in_pages_and_by_status()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add((await BuildAsync(0)).Id);

        await ChangeAsync(await FindAsync(new BatchRow { Id = ids[1] }), new BatchChange { Status = BatchStatus.Canceled });
        Assert.Equal([ids[4], ids[3]], (await Store.ListBatchesAsync(new BatchQuery(2), default)).Select(row => row.Id));
        Assert.Equal([ids[2], ids[1]], (await Store.ListBatchesAsync(new BatchQuery(2, ids[3]), default)).Select(row => row.Id));
        Assert.Equal([ids[1]], (await Store.ListBatchesAsync(new BatchQuery(Status: BatchStatus.Canceled), default)).Select(row => row.Id));
    }

    [Fact]
    public async Task A_change_raises_the_version_and_a_stale_one_is_lost()
    {
        var batch = await BuildAsync(0);
        var changed = await ChangeAsync(batch, new BatchChange { Status = BatchStatus.Running, Round = 1, SubmittedAt = When.Now, Step = BatchStep.Stop, FailureCode = "c", MaxCost = 1.5m });
        Assert.Equal((batch.Version + 1, BatchStatus.Running, 1, Now, BatchStep.Stop, "c", 1.5m), (changed.Version, changed.Status, changed.Round, changed.SubmittedAt, changed.Step, changed.FailureCode, changed.MaxCost));
        Assert.Null(await Other.TryChangeBatchAsync(batch, new BatchChange { Round = 9 }, default));
        Assert.Null(await Other.TryChangeBatchAsync(changed with { Status = BatchStatus.Failed }, new BatchChange { Round = 9 }, default));
        var cleared = await ChangeAsync(changed, new BatchChange { Step = (BatchStep?)null, FailureCode = (string?)null, SubmittedAt = When.Never });
        Assert.Equal((null, null, null, 1), (cleared.Step, cleared.FailureCode, cleared.SubmittedAt, cleared.Round));
    }

    [Fact]
    public async Task Moments_are_told_by_the_clock_of_the_store()
    {
        var moment = Now.AddTicks(-1234567);
        var kept = moment.AddTicks(-(moment.Ticks % Subject.Resolution.Ticks));
        var changed = await ChangeAsync(await BuildAsync(0), new BatchChange { NextDispatchAt = When.In(TimeSpan.FromSeconds(90)), FinishedAt = When.In(moment - Now) });
        Assert.Equal((Now.AddSeconds(90), kept), (changed.NextDispatchAt!.Value, changed.FinishedAt!.Value));
        Assert.Equal(Now, await Store.GetTimeAsync(default));
    }

    [Fact]
    public async Task A_cancel_is_noted_once_and_only_while_something_can_be_cancelled()
    {
        var batch = await BuildAsync(0);
        var first = (await Store.RequestCancelAsync(batch.Id, default))!;
        Assert.Equal((Now, batch.Version + 1), (first.CancelRequestedAt, first.Version));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, await Other.RequestCancelAsync(batch.Id, default));
        var done = await ChangeAsync(first, new BatchChange { Status = BatchStatus.Canceled, CancelRequestedAt = When.Never });
        Assert.Null((await Store.RequestCancelAsync(done.Id, default))!.CancelRequestedAt);
        Assert.Null(await Store.RequestCancelAsync(12345, default));
    }

    [Fact]
    public async Task Shards_that_were_not_begun_are_cancelled_with_the_change_and_only_with_it()
    {
        var (batch, shard) = await PlannedAsync(2);
        Assert.Null(await Store.TryChangeBatchAsync(batch with { Version = 0 }, new BatchChange { Step = BatchStep.Cancel, CancelsPendingShards = true }, default));
        Assert.Equal(ShardStatus.Pending, (await FindAsync(shard)).Status);
        await ChangeAsync(batch, new BatchChange { Step = BatchStep.Cancel, CancelsPendingShards = true });
        var canceled = await FindAsync(shard);
        Assert.Equal((ShardStatus.Canceled, Now, Now, shard.Version + 1), (canceled.Status, canceled.EndedAt, canceled.ResultsFetchedAt, canceled.Version));
        Assert.Null(await Other.TryChangeShardAsync(shard, new ShardChange { FaultCount = 1 }, null, default));
    }

    [Fact]
    public async Task A_batch_goes_only_when_nothing_of_it_is_needed()
    {
        var (batch, shard) = await AcceptedAsync(1, NewBatch() with { Handler = "h" });
        var delete = new BatchChange { Step = BatchStep.Delete, RequiresNothingLeft = true };
        Assert.Null(await Store.TryChangeBatchAsync(batch, delete, default));
        batch = await ChangeAsync(batch, new BatchChange { Status = BatchStatus.Completed });
        Assert.Null(await Store.TryChangeBatchAsync(batch, delete, default));
        batch = await ChangeAsync(batch, new BatchChange { HandlerDispatchedAt = When.Now });
        Assert.Null(await Store.TryChangeBatchAsync(batch, delete, default));
        shard = await ChangeAsync(shard, new ShardChange { Status = ShardStatus.Ended, ResultsFetchedAt = When.Now, NextCleanUpAt = When.Now });
        Assert.Null(await Store.TryChangeBatchAsync(batch, delete, default));
        await ChangeAsync(shard, new ShardChange { CleanedUpAt = When.Now });
        Assert.NotNull(await Store.TryChangeBatchAsync(batch, delete, default));
    }

    [Fact]
    public async Task A_deleted_batch_leaves_nothing_and_one_with_entries_stays()
    {
        var (batch, shard) = await AcceptedAsync(3);
        var deleting = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Delete });
        await Store.DeleteBatchAsync(deleting, default);
        Assert.NotNull(await Store.FindBatchAsync(batch.Id, default));
        for (long? after = 0; after is { } last;)
            after = await Store.StepEntriesAsync(deleting, null, null, last, default);

        await Store.DeleteBatchAsync(batch, default);
        Assert.NotNull(await Store.FindBatchAsync(batch.Id, default));
        await Store.DeleteBatchAsync(deleting, default);
        Assert.Null(await Store.FindBatchAsync(batch.Id, default));
        Assert.Null(await Store.FindShardAsync(shard.Id, default));
        Assert.Equal(0, (await Store.CountEntriesAsync(batch.Id, default)).Total);
    }

    [Fact]
    public async Task A_batch_that_is_being_deleted_is_changed_by_nobody_and_not_listed()
    {
        var batch = await BuildAsync(1, NewBatch() with { InputKey = "k" });
        var deleting = await ChangeAsync(batch, new BatchChange { Step = BatchStep.Delete, InputKey = (string?)null });
        Assert.Null(await Other.TryChangeBatchAsync(deleting, new BatchChange { Round = 2 }, default));
        Assert.Null((await Other.RequestCancelAsync(batch.Id, default))!.CancelRequestedAt);
        Assert.Null(await Other.FindBatchByInputKeyAsync("k", default));
        Assert.Empty(await Other.ListBatchesAsync(new BatchQuery(), default));
        Assert.Equal(deleting, await FindAsync(batch));
    }

    // The last ones are the mark of an escape itself, whole or cut off.
    [Theory]
    [InlineData("a\0b\ud800c\U0001F600")]
    [InlineData("\ud83d")]
    [InlineData("\ude00")]
    [InlineData("\ude00\ud83d\U0001F600\ud83d")]
    [InlineData("\0")]
    [InlineData("\uF8FF")]
    [InlineData("\uF8FF0041")]
    [InlineData("\uF8FF004")]
    [InlineData("\uF8FF\uF8FF+041 \uF8FFwxyz")]
    public async Task Text_that_no_database_can_hold_comes_back_as_it_was(string text)
    {
        var made = (await Store.TryCreateBatchAsync(NewBatch() with { Name = text }, default))!;
        Assert.Equal(text, (await FindAsync(made)).Name);
    }

    [Fact]
    public async Task A_transaction_of_another_database_is_refused()
    {
        await using var foreign = new ForeignTransaction();
        var refused = Assert.Throws<ArgumentException>(() => Store.In(foreign));
        Assert.Contains("A transaction on", refused.Message, StringComparison.Ordinal);
        Assert.Equal("transaction", refused.ParamName);
    }

    private sealed class ForeignTransaction : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

        protected override DbConnection? DbConnection => null;

        public override void Commit() => throw new NotSupportedException();

        public override void Rollback() => throw new NotSupportedException();
    }
}
