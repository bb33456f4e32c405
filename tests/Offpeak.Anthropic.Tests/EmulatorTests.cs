using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests;

/// <summary>The provider against the emulator, from create to clean-up, with faults.</summary>
public sealed class EmulatorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EmulatorServer emulator = null!;
    private AnthropicBatchProvider provider = null!;

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(new EmulatorOptions { TimeProvider = time, ApiKey = Make.Key });
        provider = NewProvider();
    }

    public ValueTask DisposeAsync() => emulator.DisposeAsync();

    [Fact]
    public async Task A_batch_goes_from_create_to_clean_up()
    {
        emulator.Answers = _ => EmulatedAnswer.Say("fine é");
        var batch = await SubmitAsync(20);
        var running = await provider.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Running, "in_progress"), (running.State, running.Status.Value));
        Assert.Equal((new ProviderCounts(20, 0, 0), TimeSpan.FromSeconds(1)), (running.Counts, running.RetryAfter));

        await EndAsync(batch, ProviderBatchState.Ended);
        var results = await ReadAsync(batch);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"op-test-{i}").Order(), results.Select(result => result.WireId).Order());
        Assert.All(results, result => Assert.Equal(ProviderResultKind.Succeeded, result.Kind));
        Assert.All(results, result => Assert.Equal("fine é", provider.Codec.ReadText(BatchEndpoint.Chat, result.Body.Span)));
        Assert.All(results, result => Assert.Equal("fine é", provider.Codec.Decode(BatchEndpoint.Chat, result.Body).Text));
        Assert.All(results, result => Assert.True(result.Usage!.InputTokens > 0));
        Assert.Equal(1, emulator.CreateCalls);

        await provider.CleanUpAsync(batch, default);
        await provider.CleanUpAsync(batch, default);
        Assert.Empty(emulator.Files);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => provider.GetStatusAsync(batch, default))).Class);
    }

    [Fact]
    public async Task A_lost_reply_is_adopted_once_the_batch_has_ended()
    {
        await SubmitAsync(3, "op-before");
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), Fault.HideFromList(TimeSpan.FromSeconds(30)));
        var start = time.GetUtcNow();
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => SubmitAsync(3))).Class);
        await SubmitAsync(3, "op-after");
        var restarted = NewProvider();

        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(FindOutcome.Absent, (await FindAsync(provider, start, 3)).Outcome);
        Assert.Equal(FindOutcome.Unknown, (await FindAsync(restarted, start, 3)).Outcome);
        Assert.Equal(FindOutcome.Absent, (await FindAsync(restarted, start, 4)).Outcome);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([emulator.Batches[1].Id], (await FindAsync(provider, start, 3)).ProviderBatchIds);
        Assert.Equal([emulator.Batches[1].Id], (await FindAsync(restarted, start, 3)).ProviderBatchIds);
        Assert.Equal(3, emulator.CreateCalls);
    }

    [Fact]
    public async Task A_create_that_never_arrived_is_absent()
    {
        emulator.Faults.Add(Fault.DropBeforeCommit(EmulatorOperation.CreateBatch));
        var start = time.GetUtcNow();
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => SubmitAsync(1))).Class);
        Assert.Equal(FindOutcome.Absent, (await FindAsync(provider, start, 1)).Outcome);
    }

    [Fact]
    public async Task A_lost_batch_is_found_over_many_pages()
    {
        var start = time.GetUtcNow();
        for (var i = 0; i < 1_030; i++)
            await SubmitAsync(i == 7 ? 3 : 1, i == 7 ? "op-test" : "op-other");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([emulator.Batches[7].Id], (await FindAsync(NewProvider(), start, 3)).ProviderBatchIds);
        Assert.Equal(2, emulator.Requests.Count(request => request.Operation == EmulatorOperation.ListBatches));
    }

    [Theory]
    [InlineData(EmulatorOperation.CreateBatch)]
    [InlineData(EmulatorOperation.GetBatch)]
    [InlineData(EmulatorOperation.ListBatches)]
    [InlineData(EmulatorOperation.CancelBatch)]
    [InlineData(EmulatorOperation.GetResults)]
    [InlineData(EmulatorOperation.DeleteBatch)]
    public async Task Each_call_gives_its_faults_a_class_and_is_sent_once(EmulatorOperation operation)
    {
        var batch = await SubmitAsync(2, "op-first");
        await EndAsync(batch, ProviderBatchState.Ended);
        var create = operation == EmulatorOperation.CreateBatch;
        (Fault Fault, ProviderErrorClass Expected)[] faults =
        [
            (Fault.Respond(operation, 401), ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 403), ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 429, TimeSpan.FromSeconds(9)), ProviderErrorClass.RateLimited),
            (Fault.Respond(operation, 500), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.Respond(operation, 529), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.DropBeforeCommit(operation), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.Redirect(operation, "http://127.0.0.1:9/"), ProviderErrorClass.Refused),
        ];
        foreach (var (fault, expected) in faults)
        {
            emulator.Faults.Clear();
            emulator.Faults.Add(fault with { Times = null });
            var before = emulator.Requests.Count(request => request.Operation == operation);
            var failure = await Make.Failure(() => CallAsync(operation, batch));
            Assert.Equal(expected, failure.Class);
            Assert.Equal(fault.RetryAfter, failure.RetryAfter);
            Assert.Equal(before + 1, emulator.Requests.Count(request => request.Operation == operation));
        }
    }

    [Fact]
    public async Task A_wrong_key_is_told_so_before_anything_is_made()
    {
        var stranger = Make.Provider(configure: options => (options.BaseUrl, options.ApiKey) = (emulator.AnthropicBaseUrl.ToString(), "wrong"));
        var failure = await Make.Failure(() => stranger.SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal((ProviderErrorClass.Unauthorized, "authentication_error"), (failure.Class, failure.ProviderCode));
        Assert.Empty(emulator.Batches);
    }

    [Fact]
    public async Task Ids_that_the_provider_does_not_take_refuse_the_batch()
    {
        var failure = await Make.Failure(() => SubmitAsync(1, "op test"));
        Assert.Equal(ProviderErrorClass.Refused, failure.Class);
        Assert.Contains("requests.0.custom_id", failure.Message);
    }

    [Theory]
    [InlineData("expired", ProviderBatchState.Expired, ProviderResultKind.Expired)]
    [InlineData("cancelled", ProviderBatchState.Canceled, ProviderResultKind.Canceled)]
    public async Task Every_request_of_an_early_end_has_a_result(string status, ProviderBatchState state, ProviderResultKind rest)
    {
        emulator.Faults.Add(Fault.EndBatch(status, 0.4));
        var batch = await SubmitAsync(10);
        await EndAsync(batch, state);
        var results = await ReadAsync(batch);
        Assert.Equal(4, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.Equal(6, results.Count(result => result.Kind == rest));
    }

    [Fact]
    public async Task Cancelling_is_a_request_and_harmless_afterwards()
    {
        var batch = await SubmitAsync(5);
        await provider.CancelAsync(batch, default);
        Assert.Equal("canceling", (await provider.GetStatusAsync(batch, default)).Status.Value);
        await EndAsync(batch, ProviderBatchState.Canceled);
        Assert.Equal(5, (await ReadAsync(batch)).Count);
        await provider.CancelAsync(batch, default);
        var unknown = batch with { ProviderBatchId = "msgbatch_unknown" };
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => provider.CancelAsync(unknown, default))).Class);
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_changes_nothing()
    {
        var batch = await SubmitAsync(2);
        time.Advance(TimeSpan.FromMinutes(1));
        await provider.CancelAsync(batch, default);
        await EndAsync(batch, ProviderBatchState.Ended);
        Assert.All(await ReadAsync(batch), result => Assert.Equal(ProviderResultKind.Succeeded, result.Kind));
    }

    [Fact]
    public async Task A_running_batch_is_not_deleted()
    {
        var batch = await SubmitAsync(1);
        Assert.Equal(ProviderErrorClass.Refused, (await Make.Failure(() => provider.CleanUpAsync(batch, default))).Class);
        Assert.Equal(ProviderBatchState.Running, (await provider.GetStatusAsync(batch, default)).State);
    }

    [Fact]
    public async Task Odd_status_answers_are_told_apart()
    {
        emulator.Faults.Add(
            Fault.Patch(EmulatorOperation.GetBatch, """{"processing_status":"pondering"}"""), Fault.NullCounts() with { Nth = 2 },
            Fault.Patch(EmulatorOperation.GetBatch, """{"results_url":null}""") with { WhenStatus = "ended", Times = 2 });
        var batch = await SubmitAsync(2);
        var unknown = await provider.GetStatusAsync(batch, default);
        Assert.Equal(("pondering", true), (unknown.Status.Value, unknown.StatusIsUnknown));
        Assert.Null((await provider.GetStatusAsync(batch, default)).Counts);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False((await provider.GetStatusAsync(batch, default)).ResultsReady);
        Assert.False((await provider.GetStatusAsync(batch, default)).ResultsReady);
        Assert.True((await provider.GetStatusAsync(batch, default)).ResultsReady);
    }

    [Fact]
    public async Task A_batch_and_its_results_may_be_missing_for_a_while()
    {
        emulator.Faults.Add(
            Fault.HideFromGet(TimeSpan.FromSeconds(5)), Fault.Respond(EmulatorOperation.GetResults, 404) with { Times = 2 });
        var batch = await SubmitAsync(1);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => provider.GetStatusAsync(batch, default))).Class);
        await EndAsync(batch, ProviderBatchState.Ended);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => ReadAsync(batch))).Class);
        Assert.Equal(FindOutcome.Unknown, (await FindAsync(NewProvider(), batch: batch)).Outcome);
        Assert.Single(await ReadAsync(batch));
        Assert.Equal(FindOutcome.Found, (await FindAsync(NewProvider(), batch: batch)).Outcome);
    }

    [Fact]
    public async Task A_results_url_on_another_origin_gets_no_call_and_no_key()
    {
        await using var elsewhere = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, "{}"));
        emulator.Faults.Add(Fault.Patch(EmulatorOperation.GetBatch, $$"""{"results_url":"{{elsewhere.Url}}/results"}""") with { Times = null });
        var batch = await SubmitAsync(2);
        await EndAsync(batch, ProviderBatchState.Ended);
        Assert.Equal(2, (await ReadAsync(batch)).Count);
        Assert.Empty(elsewhere.Calls);
    }

    [Fact]
    public async Task Bad_lines_are_told_apart_and_the_others_kept()
    {
        emulator.Faults.Add(
            Fault.Lines(FaultAction.MalformLine), Fault.AnswerLine(429) with { CustomId = "op-test-2" },
            Fault.FailLine("batch_expired") with { CustomId = "op-test-3" }, Fault.AnswerLine(529) with { CustomId = "op-test-4" },
            Fault.AnswerLine(400) with { CustomId = "op-test-5" }, Fault.Lines(FaultAction.ShuffleLines),
            Fault.Lines(FaultAction.DuplicateLine) with { CustomId = "op-test-6" }, Fault.Lines(FaultAction.RenameLine) with { CustomId = "op-test-7" },
            Fault.Lines(FaultAction.OmitLine) with { CustomId = "op-test-8" }, Fault.Lines(FaultAction.ContradictLine) with { CustomId = "op-test-9" });
        var batch = await SubmitAsync(10);
        time.Advance(TimeSpan.FromMinutes(1));
        var results = await ReadAsync(batch);

        Assert.Single(results, result => result.Kind == ProviderResultKind.Malformed);
        ProviderResult[] Of(string id) => [.. results.Where(result => result.WireId == id)];
        Assert.Equal((ProviderResultKind.Failed, true, "rate_limit_error"), (Of("op-test-2")[0].Kind, Of("op-test-2")[0].IsPassing, Of("op-test-2")[0].ErrorCode));
        Assert.Equal(ProviderResultKind.Expired, Assert.Single(Of("op-test-3")).Kind);
        Assert.Equal((true, "overloaded_error"), (Of("op-test-4")[0].IsPassing, Of("op-test-4")[0].ErrorCode));
        Assert.Equal((false, "invalid_request_error"), (Of("op-test-5")[0].IsPassing, Of("op-test-5")[0].ErrorCode));
        Assert.Equal(2, Of("op-test-6").Length);
        Assert.Single(Of("op-test-7-unknown"));
        Assert.Empty(Of("op-test-8"));
        Assert.Equal([ProviderResultKind.Succeeded, ProviderResultKind.Failed], Of("op-test-9").Select(result => result.Kind).Order());
    }

    [Fact]
    public async Task Requests_that_the_model_refuses_fail_one_by_one()
    {
        var receipt = await provider.SubmitAsync(
            Make.Shard("""{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}""", Body()), default);
        time.Advance(TimeSpan.FromMinutes(1));
        var results = await ReadAsync(Make.Batch() with { ProviderBatchId = receipt.ProviderBatchId });
        Assert.Equal([ProviderResultKind.Failed, ProviderResultKind.Succeeded], results.OrderBy(result => result.WireId).Select(result => result.Kind));
        Assert.Contains("max_tokens", results.Single(result => result.Kind == ProviderResultKind.Failed).ErrorMessage);
    }

    [Fact]
    public async Task A_cut_download_is_transient_and_the_next_one_whole()
    {
        var batch = await SubmitAsync(10);
        await EndAsync(batch, ProviderBatchState.Ended);
        emulator.Faults.Add(Fault.Truncate(EmulatorOperation.GetResults, 1_000), Fault.Truncate(EmulatorOperation.GetResults, 1_000, cleanly: true) with { Nth = 2 });
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(() => ReadAsync(batch))).Class);
        var cleanly = await ReadAsync(batch);
        Assert.Equal((ProviderResultKind.Malformed, true), (cleanly[^1].Kind, cleanly[^1].IsTorn));
        Assert.Equal(10, (await ReadAsync(batch)).Count);
    }

    private AnthropicBatchProvider NewProvider() => Make.Provider(configure: options => options.BaseUrl = emulator.AnthropicBaseUrl.ToString());

    private static string Body() =>
        Encoding.UTF8.GetString(new AnthropicCodec().Encode("claude-test", BatchEndpoint.Chat, [new(ChatRole.User, "hello")]));

    private async Task<ProviderBatchRef> SubmitAsync(int entries, string key = "op-test")
    {
        var submission = MemorySubmission.Of(new SubmissionKey(key), Make.Model, [.. Enumerable.Repeat(Body(), entries)]);
        var receipt = await provider.SubmitAsync(submission, default);
        return submission.At(receipt.ProviderBatchId);
    }

    private async Task EndAsync(ProviderBatchRef batch, ProviderBatchState expected)
    {
        time.Advance(TimeSpan.FromMinutes(10));
        var snapshot = await provider.GetStatusAsync(batch, default);
        Assert.Equal((expected, "ended"), (snapshot.State, snapshot.Status.Value));
        Assert.Null(snapshot.RetryAfter);
    }

    private async Task<List<ProviderResult>> ReadAsync(ProviderBatchRef batch) => await provider.ReadResultsAsync(batch, default).ToListAsync();

    private static Task<FindResult> FindAsync(AnthropicBatchProvider provider, DateTimeOffset start, int entries) =>
        provider.FindAsync(new FindRequest(Make.Batch() with { EntryCount = entries }, start), default);

    private Task<FindResult> FindAsync(AnthropicBatchProvider provider, ProviderBatchRef batch) =>
        FindAsync(provider, time.GetUtcNow().AddHours(-1), batch.EntryCount);

    private async Task CallAsync(EmulatorOperation operation, ProviderBatchRef batch) => await (operation switch
    {
        EmulatorOperation.GetBatch => provider.GetStatusAsync(batch, default),
        EmulatorOperation.ListBatches => FindAsync(provider, time.GetUtcNow(), 1),
        EmulatorOperation.CancelBatch => provider.CancelAsync(batch, default),
        EmulatorOperation.GetResults => ReadAsync(batch),
        EmulatorOperation.DeleteBatch => provider.CleanUpAsync(batch, default),
        _ => SubmitAsync(1),
    });
}
