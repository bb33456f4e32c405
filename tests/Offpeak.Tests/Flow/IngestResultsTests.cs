using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class IngestResultsTests
{
    [Theory]
    [InlineData(ProviderBatchState.Expired, BatchStatus.Expired)]
    [InlineData(ProviderBatchState.Failed, BatchStatus.Completed)]
    [InlineData(ProviderBatchState.Canceled, BatchStatus.Expired)]
    public async Task Read_results_of_expired_cancelled_and_failed_batches_are_kept(ProviderBatchState state, BatchStatus outcome)
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = await engine.SubmitAsync(3);
        engine.Provider.Set(state, new ProviderFailure(ProviderErrorClass.Refused, "stopped", "It stopped."));
        engine.Provider.Answer = entry => entry.CustomId == "e2" ? Results.Ok(entry) : null;

        await engine.PollAsync(id);

        var counts = await engine.CountsAsync(id);
        Assert.Equal((1, 3), (counts.Succeeded, counts.Total));
        Assert.Equal("answer e2", (await engine.EntryAsync(id, "e2")).Text);
        Assert.Equal(outcome, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Read_shuffled_results_reach_their_entries_by_id()
    {
        await using var engine = await Engine.StartAsync(options => options.IngestChunkSize = 2);
        var id = await engine.SubmitAsync(7);
        engine.Provider.OnResults = batch => batch.Entries.Reverse().Select(Results.Ok);
        engine.Provider.Set(ProviderBatchState.Ended);

        await engine.PollAsync(id);

        var entries = await engine.EntriesAsync(id);
        Assert.Equal(["e1", "e2", "e3", "e4", "e5", "e6", "e7"], entries.Select(entry => entry.CustomId));
        Assert.All(entries, entry => Assert.Equal("answer " + entry.CustomId, entry.Text));
    }

    [Fact]
    public async Task Read_duplicate_conflicting_unknown_and_malformed_lines_are_counted_and_the_first_is_kept()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = await engine.SubmitAsync(2);
        var lastOfAnother = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = batch => batch.Id == "pb-2" ? batch.Entries.Select(Results.Ok) :
        [
            Results.Ok(batch.Entries[0].WireId, "first"),
            Results.Ok(batch.Entries[0].WireId, "first"),
            Results.Ok(batch.Entries[0].WireId, "second"),
            Results.Ok("somebody-else-1", "x"),
            Results.Ok(batch.Key + "-999999", "x"),
            Results.Ok(batch.Key + "-" + engine.Provider.Batches[1].Entries[0].WireId.Split('-')[^1], "entry of another batch"),
            new ProviderResult { Kind = ProviderResultKind.Malformed, Line = 6 },
        ];

        await engine.PollAsync(id);
        await engine.PollAsync(lastOfAnother);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((2, 1, 3, 1), (shard.DuplicateCount, shard.ConflictCount, shard.UnknownCount, shard.MalformedCount));
        Assert.Equal("first", (await engine.EntryAsync(id, "e1")).Text);
        Assert.Equal(FailureCodes.Missing, (await engine.EntryAsync(id, "e2")).ErrorCode);
        Assert.Equal("answer e1", (await engine.EntryAsync(lastOfAnother, "e1")).Text);
    }

    [Fact]
    public async Task Read_stream_that_breaks_is_read_again_and_every_result_is_applied_once()
    {
        await using var engine = await Engine.StartAsync(options => options.IngestChunkSize = 2);
        var id = await engine.SubmitAsync(5);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.AfterResult = count => count == 3 ? throw Fault.Transient() : Task.CompletedTask;
        await engine.PollAsync(id);
        Assert.Equal(3, (await engine.CountsAsync(id)).Succeeded);
        engine.Provider.AfterResult = null;
        engine.Provider.Answer = entry => Results.Ok(entry.WireId, "second reading");

        await engine.PollAsync(id);

        var texts = (await engine.EntriesAsync(id)).Select(entry => entry.Text);
        Assert.Equal(["answer e1", "answer e2", "answer e3", "second reading", "second reading"], texts);
        Assert.Equal(500, (await engine.BatchAsync(id)).InputTokens);
    }

    [Fact]
    public async Task Read_files_are_deleted_at_the_provider_by_default()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishAsync(engine);

        Assert.Equal(["pb-1"], engine.Provider.CleanedUp);
        Assert.Equal(engine.Now, (await engine.ShardAsync(id)).CleanedUpAt);
    }

    [Fact]
    public async Task Read_files_that_cannot_be_deleted_do_not_hold_up_the_batch()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await FinishAsync(engine);

        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.Null((await engine.ShardAsync(id)).CleanedUpAt);
    }

    [Fact]
    public async Task Read_files_stay_when_clean_up_is_turned_off()
    {
        await using var engine = await Engine.StartAsync(options => options.CleanUpProviderFiles = false);
        await FinishAsync(engine);

        Assert.Empty(engine.Provider.CleanedUp);
    }

    [Fact]
    public async Task Read_body_and_usage_are_stored_as_they_came()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishAsync(engine);

        var entry = await engine.EntryAsync(id, "e1");
        Assert.Equal(FakeCodec.Answer("answer e1"), entry.Body.ToArray());
        Assert.Equal((200, "stop", 100L, 10L), (entry.StatusCode, entry.FinishReason, entry.InputTokens, entry.OutputTokens));
        Assert.Equal("answer e1", entry.ToChatResponse().Text);
    }

    [Fact]
    public async Task Logs_hold_no_prompt_and_no_answer()
    {
        await using var engine = await Engine.StartAsync();
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/model-1"))).Id;
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("a", FakeCodec.Body("canary-prompt"))]);
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = batch =>
        [
            Results.Ok(batch.Entries[0].WireId, "canary-answer"),
            Results.Ok(batch.Entries[0].WireId, "canary-other"),
            Results.Ok("canary-id", "canary-answer"),
        ];
        await engine.PollAsync(id);

        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.DoesNotContain(engine.World.Logs.Lines, line => line.Text.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_results_that_end_in_the_middle_of_a_line_are_read_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        var readings = 0;
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = batch => ++readings == 1
            ? [Results.Ok(batch.Entries[0]), new ProviderResult { Kind = ProviderResultKind.Malformed, Line = 2, IsTorn = true }]
            : batch.Entries.Select(Results.Ok);

        await engine.PollAsync(id);
        Assert.Equal((BatchStatus.Running, 1), ((await engine.BatchAsync(id)).Status, (await engine.CountsAsync(id)).Succeeded));

        await engine.PollAsync(id);
        Assert.Equal((BatchStatus.Completed, 3), ((await engine.BatchAsync(id)).Status, (await engine.CountsAsync(id)).Succeeded));
        Assert.Single(await engine.ShardsAsync(id));
    }

    [Fact]
    public async Task Read_results_that_stay_torn_are_taken_as_they_are_after_a_while()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = await engine.SubmitAsync(2);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = batch =>
            [Results.Ok(batch.Entries[0]), new ProviderResult { Kind = ProviderResultKind.Malformed, Line = 2, IsTorn = true }];

        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.PollAsync(id);

        var counts = await engine.CountsAsync(id);
        Assert.Equal((BatchStatus.Completed, 1, 1), ((await engine.BatchAsync(id)).Status, counts.Succeeded, counts.Failed));
    }

    [Theory]
    [InlineData(true, "stopped", "It stopped.")]
    [InlineData(false, FailureCodes.BatchRefused, "The provider refused the batch.")]
    public async Task Read_entries_of_a_batch_that_was_refused_say_why_in_the_providers_words_if_it_has_any(bool hasWords, string code, string words)
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Failed, hasWords ? new ProviderFailure(ProviderErrorClass.Refused, "stopped", "It stopped.") : null);
        engine.Provider.Answer = _ => null;

        await engine.PollAsync(id);

        var entry = await engine.EntryAsync(id, "e1");
        Assert.Equal((code, words), (entry.ErrorCode, entry.ErrorMessage));
    }

    [Fact]
    public async Task Read_results_that_arrived_before_the_process_stops_are_kept()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(5);
        engine.Provider.Set(ProviderBatchState.Ended);
        using var stop = new CancellationTokenSource();
        engine.Provider.AfterResult = count => count == 3 ? stop.CancelAsync() : Task.CompletedTask;
        var shard = await engine.ShardAsync(id);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.RunAsync(new(Work.WorkKind.Poll, shard.Id, shard.PollGeneration), stop.Token));

        Assert.Equal(3, (await engine.CountsAsync(id)).Succeeded);
        Assert.Null((await engine.ShardAsync(id)).LeaseOwner);
    }

    private static async Task<long> FinishAsync(Engine engine)
    {
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }
}
