using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

/// <summary>The provider against the emulator, from the empty batch to clean-up, with faults.</summary>
public sealed class EmulatorTests
{
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    public async Task A_batch_goes_from_empty_to_results_on_both_endpoints(string path)
    {
        await using var bench = await XAIBench.StartAsync(options => options.MaxAppendEntries = 7);
        bench.Emulator.Answers = _ => EmulatedAnswer.Say("fine é");
        var endpoint = new BatchEndpoint(path);
        var batch = await bench.SubmitAsync(20, endpoint: endpoint);
        Assert.Equal(3, bench.Calls(EmulatorOperation.AppendRequests));

        await bench.EndAsync(batch);
        var results = await bench.ResultsAsync(batch);

        Assert.Equal(Enumerable.Range(1, 20).Select(i => batch.Key.WireId(i)).Order(), results.Select(result => result.WireId).Order());
        Assert.All(results, result => Assert.Equal((ProviderResultKind.Succeeded, "stop", "grok-test"), (result.Kind, result.FinishReason, result.Model)));
        Assert.All(results, result => Assert.Equal("fine é", bench.Provider.Codec.ReadText(endpoint, result.Body.Span)));
        Assert.All(results, result => Assert.Equal("fine é", bench.Provider.Codec.Decode(endpoint, result.Body).Text));
        Assert.All(results, result => Assert.Equal(
            ((result.Usage!.InputTokens * 20_000m) + (result.Usage.OutputTokens * 80_000m)) / 10_000_000_000m, result.ReportedCost));
        Assert.Equal("op-test", Assert.Single(bench.Emulator.Batches).Metadata["name"]);
        await bench.Provider.CleanUpAsync(batch, default);
    }

    [Fact]
    public async Task The_file_flow_uploads_creates_and_deletes_its_file()
    {
        await using var bench = await XAIBench.StartAsync(options => options.UseFiles = true);
        var shard = XAIBench.Shard(5);
        var batch = shard.At((await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId);

        Assert.Equal("begin", shard.Log[^1]);
        Assert.StartsWith("journal input_file_id=file-", shard.Log[0], StringComparison.Ordinal);
        Assert.Equal((ProviderBatchState.Running, "validating"), await StateAsync(bench, batch));
        Assert.Equal([batch.ProviderBatchId], (await bench.FindAsync(shard.Forgetting("batch_id"))).ProviderBatchIds);
        await bench.EndAsync(batch);
        Assert.Equal(5, (await bench.ResultsAsync(batch)).Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.Equal(0, bench.Calls(EmulatorOperation.AppendRequests));
        await bench.Provider.CleanUpAsync(batch, default);
        Assert.Empty(bench.Emulator.Files);
    }

    [Fact]
    public async Task Results_come_while_the_batch_runs_and_all_of_them_at_the_end()
    {
        await using var bench = await XAIBench.StartAsync(
            options => options.PageSize = 3, new EmulatorOptions { BatchDuration = TimeSpan.FromMinutes(10) });
        var batch = await bench.SubmitAsync(10);
        Assert.False((await bench.Provider.GetStatusAsync(batch, default)).HasPartialResults);

        bench.Time.Advance(TimeSpan.FromMinutes(5));
        var half = await bench.Provider.GetStatusAsync(batch, default);
        Assert.True(half is { State: ProviderBatchState.Running, HasPartialResults: true, Counts: { Total: 10, Succeeded: 5 } });
        Assert.Equal(5, (await bench.ResultsAsync(batch)).Count);

        await bench.EndAsync(batch);
        var before = bench.Calls(EmulatorOperation.GetResults);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), (await bench.ResultsAsync(batch)).Select(result => result.Line));
        Assert.Equal(4, bench.Calls(EmulatorOperation.GetResults) - before);
    }

    [Theory]
    [InlineData("cancelled", ProviderBatchState.Canceled, 6, 0)]
    [InlineData("failed", ProviderBatchState.Failed, 6, 0)]
    [InlineData("expired", ProviderBatchState.Ended, 0, 6)]
    public async Task Partial_results_of_an_early_end_are_read(string status, ProviderBatchState state, int canceled, int passing)
    {
        await using var bench = await XAIBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.EndBatch(status, 0.4));
        var batch = await bench.SubmitAsync(10);
        await bench.EndAsync(batch, state);
        var results = await bench.ResultsAsync(batch);
        Assert.Equal(4, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.Equal(canceled, results.Count(result => result.Kind == ProviderResultKind.Canceled));
        Assert.Equal(passing, results.Count(result => result is { Kind: ProviderResultKind.Failed, IsPassing: true }));
    }

    [Theory]
    [InlineData("Model grok-4.6 is not supported for batch processing.", "refused")]
    [InlineData("The service is at capacity.", "capacity")]
    public async Task A_batch_that_xai_gives_up_itself_has_failed_for_its_reason(string message, string expected)
    {
        await using var bench = await XAIBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.FailBatch("x", message));
        var batch = await bench.SubmitAsync(3);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        var snapshot = await bench.Provider.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Failed, message, expected), (snapshot.State, snapshot.Failure!.Message, snapshot.Failure.Class.Value));
        Assert.Equal(0, snapshot.Counts!.Total);
    }

    [Fact]
    public async Task A_bad_line_in_a_file_refuses_the_batch()
    {
        await using var bench = await XAIBench.StartAsync(options => options.UseFiles = true);
        var shard = MemorySubmission.Of(new SubmissionKey("op-test"), "grok-test", BatchEndpoint.Chat, 2, i => i == 1 ? """{"model":"m"}"""u8.ToArray() : "{}"u8.ToArray());
        var batch = shard.At((await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId);
        await bench.EndAsync(batch, ProviderBatchState.Failed);
        Assert.Contains("line 2", (await bench.Provider.GetStatusAsync(batch, default)).Failure!.Message);
    }

    [Fact]
    public async Task Cancelling_is_a_request_and_harmless_afterwards()
    {
        await using var bench = await XAIBench.StartAsync();
        var batch = await bench.SubmitAsync(5);
        await bench.Provider.CancelAsync(batch, default);
        Assert.Equal((ProviderBatchState.Running, "cancelling"), await StateAsync(bench, batch));
        await bench.EndAsync(batch, ProviderBatchState.Canceled);
        await bench.Provider.CancelAsync(batch, default);
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.CancelBatch, 409));
        await bench.Provider.CancelAsync(batch, default);
        var unknown = batch with { ProviderBatchId = "batch_unknown" };
        Assert.Equal(ProviderErrorClass.NotFound, (await XAIBench.Failure(() => bench.Provider.CancelAsync(unknown, default))).Class);
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_leaves_the_batch_ended()
    {
        await using var bench = await XAIBench.StartAsync();
        var batch = await bench.SubmitAsync(2);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Provider.CancelAsync(batch, default);
        await bench.EndAsync(batch);
    }

    [Fact]
    public async Task Odd_items_are_told_apart_and_the_others_kept()
    {
        await using var bench = await XAIBench.StartAsync();
        bench.Emulator.Faults.Add(
            Fault.Lines(FaultAction.MalformLine), Fault.AnswerLine(429) with { CustomId = "op-test-2" },
            Fault.FailLine("batch_cancelled") with { CustomId = "op-test-3" }, Fault.AnswerLine(400) with { CustomId = "op-test-4" },
            Fault.Lines(FaultAction.DuplicateLine) with { CustomId = "op-test-5" }, Fault.Lines(FaultAction.OmitLine) with { CustomId = "op-test-6" },
            Fault.Lines(FaultAction.RenameLine) with { CustomId = "op-test-7" }, Fault.Lines(FaultAction.ShuffleLines));
        var batch = await bench.SubmitAsync(9);
        await bench.EndAsync(batch);
        var results = await bench.ResultsAsync(batch);

        Assert.Single(results, result => result.Kind == ProviderResultKind.Malformed);
        var byId = results.ToLookup(result => result.WireId);
        Assert.Equal((ProviderResultKind.Failed, true, "8"), Shape(byId["op-test-2"].Single()));
        Assert.Equal((ProviderResultKind.Canceled, false, "1"), Shape(byId["op-test-3"].Single()));
        Assert.Equal((ProviderResultKind.Failed, false, "3"), Shape(byId["op-test-4"].Single()));
        Assert.Equal(2, byId["op-test-5"].Count());
        Assert.Empty(byId["op-test-6"]);
        Assert.Single(byId["op-test-7-unknown"]);
    }

    [Theory]
    [InlineData(EmulatorOperation.CreateBatch)]
    [InlineData(EmulatorOperation.AppendRequests)]
    [InlineData(EmulatorOperation.GetBatch)]
    [InlineData(EmulatorOperation.CancelBatch)]
    [InlineData(EmulatorOperation.GetResults)]
    [InlineData(EmulatorOperation.ListBatches)]
    public async Task Each_call_gives_its_faults_a_class_and_is_sent_once(EmulatorOperation operation)
    {
        await using var bench = await XAIBench.StartAsync();
        var batch = await bench.SubmitAsync(2, "op-first");
        var create = operation == EmulatorOperation.CreateBatch;
        (Fault Fault, ProviderErrorClass Expected)[] faults =
        [
            (Fault.Respond(operation, 401), ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 429, TimeSpan.FromSeconds(9)), ProviderErrorClass.RateLimited),
            (Fault.Respond(operation, 503), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.DropBeforeCommit(operation), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.DropAfterCommit(operation), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.Redirect(operation, "http://127.0.0.1:9/"), ProviderErrorClass.Refused),
        ];
        foreach (var (fault, expected) in faults)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            bench.Emulator.Faults.Clear();
            bench.Emulator.Faults.Add(fault with { Times = null });
            var before = bench.Calls(operation);
            var failure = await XAIBench.Failure(() => CallAsync(bench, operation, batch));
            Assert.Equal(expected, failure.Class);
            Assert.Equal(fault.RetryAfter, failure.RetryAfter);
            Assert.Equal(before + 1, bench.Calls(operation));
        }
    }

    [Fact]
    public async Task A_wrong_key_is_unauthorized_although_xai_says_400()
    {
        await using var bench = await XAIBench.StartAsync();
        var provider = bench.NewProvider(options => options.ApiKey = "xai-another-key-12345");
        var shard = XAIBench.Shard(1);
        Assert.Equal(ProviderErrorClass.Unauthorized, (await XAIBench.Failure(() => provider.SubmitAsync(shard, default))).Class);
        Assert.Empty(bench.Emulator.Batches);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_page_is_transient_and_the_next_reading_whole(bool cleanly)
    {
        await using var bench = await XAIBench.StartAsync();
        var batch = await bench.SubmitAsync(10);
        await bench.EndAsync(batch);
        bench.Emulator.Faults.Add(Fault.Truncate(EmulatorOperation.GetResults, 1_500, cleanly));
        Assert.Equal(ProviderErrorClass.Transient, (await XAIBench.Failure(() => bench.ResultsAsync(batch))).Class);
        Assert.Equal(10, (await bench.ResultsAsync(batch)).Count);
    }

    private static (ProviderResultKind, bool, string?) Shape(ProviderResult result) => (result.Kind, result.IsPassing, result.ErrorCode);

    private static async Task<(ProviderBatchState, string?)> StateAsync(XAIBench bench, ProviderBatchRef batch)
    {
        var snapshot = await bench.Provider.GetStatusAsync(batch, default);
        return (snapshot.State, snapshot.Status.Value);
    }

    private static Task CallAsync(XAIBench bench, EmulatorOperation operation, ProviderBatchRef batch) => operation switch
    {
        EmulatorOperation.GetBatch => bench.Provider.GetStatusAsync(batch, default),
        EmulatorOperation.ListBatches => bench.FindAsync(XAIBench.Shard(1, "op-lost")),
        EmulatorOperation.CancelBatch => bench.Provider.CancelAsync(batch, default),
        EmulatorOperation.GetResults => bench.ResultsAsync(batch),
        _ => bench.Provider.SubmitAsync(XAIBench.Shard(1), default),
    };
}
