using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests;

/// <summary>The provider against the emulator, from upload to clean-up, with faults.</summary>
public sealed class EmulatorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EmulatorServer emulator = null!;
    private OpenAIBatchProvider provider = null!;

    public async ValueTask InitializeAsync() => await UseAsync(new EmulatorOptions());

    public ValueTask DisposeAsync() => emulator.DisposeAsync();

    [Fact]
    public async Task A_batch_goes_from_upload_to_clean_up()
    {
        emulator.Answers = _ => EmulatedAnswer.Say("fine é");
        var (batch, submission) = await SubmitAsync(20);
        Assert.Equal(ProviderBatchState.Running, (await provider.GetStatusAsync(batch, default)).State);

        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var results = await provider.ReadResultsAsync(batch, default).ToListAsync();

        Assert.Equal(await WireIdsAsync(submission), results.Select(result => result.WireId).Order());
        Assert.All(results, result => Assert.Equal(ProviderResultKind.Succeeded, result.Kind));
        Assert.All(results, result => Assert.Equal("fine é", provider.Codec.ReadText(BatchEndpoint.Chat, result.Body.Span)));
        Assert.All(results, result => Assert.Equal("fine é", provider.Codec.Decode(BatchEndpoint.Chat, result.Body).Text));
        Assert.All(results, result => Assert.True(result.Usage!.InputTokens > 0));
        var made = Assert.Single(emulator.Batches);
        Assert.Equal("op-test.jsonl", made.InputFileName);
        Assert.Equal("op-test", made.Metadata[SubmissionKey.MetadataName]);

        await provider.CleanUpAsync(batch, default);
        Assert.Empty(emulator.Files);
    }

    [Fact]
    public async Task A_lost_reply_is_found_again_by_its_key_after_one_create()
    {
        await SubmitAsync(1, "op-before");
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), Fault.HideFromList(TimeSpan.FromSeconds(30)));
        var start = time.GetUtcNow();
        var failure = await Make.Failure(() => SubmitAsync(3));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(2, emulator.CreateCalls);

        Assert.Equal(FindOutcome.Absent, (await FindAsync(start)).Outcome);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal([emulator.Batches[1].Id], (await FindAsync(start)).ProviderBatchIds);
    }

    [Fact]
    public async Task A_create_that_never_arrived_is_absent()
    {
        emulator.Faults.Add(Fault.DropBeforeCommit(EmulatorOperation.CreateBatch));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => SubmitAsync(1))).Class);
        Assert.Equal(FindOutcome.Absent, (await FindAsync(time.GetUtcNow())).Outcome);
    }

    [Fact]
    public async Task Doubles_are_all_found_over_many_pages()
    {
        var start = time.GetUtcNow();
        for (var i = 0; i < 230; i++)
        {
            await SubmitAsync(1, i % 100 == 7 ? "op-test" : "op-other");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var expected = emulator.Batches.Where(batch => batch.Metadata[SubmissionKey.MetadataName] == "op-test").Select(batch => batch.Id);
        Assert.Equal(expected, (await FindAsync(start)).ProviderBatchIds);
        Assert.Equal(3, emulator.Requests.Count(request => request.Operation == EmulatorOperation.ListBatches));
    }

    [Theory]
    [InlineData(EmulatorOperation.UploadFile)]
    [InlineData(EmulatorOperation.CreateBatch)]
    [InlineData(EmulatorOperation.GetBatch)]
    [InlineData(EmulatorOperation.ListBatches)]
    [InlineData(EmulatorOperation.CancelBatch)]
    [InlineData(EmulatorOperation.DownloadFile)]
    [InlineData(EmulatorOperation.DeleteFile)]
    public async Task Each_call_gives_its_faults_a_class_and_is_sent_once(EmulatorOperation operation)
    {
        var (batch, _) = await SubmitAsync(2, "op-first");
        batch = await EndAsync(batch, ProviderBatchState.Ended);
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
            var files = operation == EmulatorOperation.DeleteFile ? 2 : 1;
            Assert.Equal(before + files, emulator.Requests.Count(request => request.Operation == operation));
        }
    }

    [Fact]
    public async Task An_upload_whose_reply_was_lost_is_simply_made_again()
    {
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.UploadFile));
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(() => SubmitAsync(1))).Class);
        Assert.Equal(0, emulator.CreateCalls);
        await SubmitAsync(1);
        Assert.Equal(1, emulator.CreateCalls);
    }

    [Theory]
    [InlineData("expired", ProviderBatchState.Expired)]
    [InlineData("cancelled", ProviderBatchState.Canceled)]
    [InlineData("failed", ProviderBatchState.Failed)]
    public async Task Partial_results_of_an_early_end_are_read(string status, ProviderBatchState state)
    {
        emulator.Faults.Add(Fault.EndBatch(status, 0.4));
        var (batch, _) = await SubmitAsync(10);
        batch = await EndAsync(batch, state);
        var results = await provider.ReadResultsAsync(batch, default).ToListAsync();
        Assert.Equal(4, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.All(results, result => Assert.NotEqual(ProviderResultKind.Malformed, result.Kind));
    }

    [Fact]
    public async Task Cancelling_is_a_request_and_harmless_afterwards()
    {
        var (batch, _) = await SubmitAsync(5);
        await provider.CancelAsync(batch, default);
        Assert.Equal(ProviderBatchState.Running, (await provider.GetStatusAsync(batch, default)).State);
        await EndAsync(batch, ProviderBatchState.Canceled);
        await provider.CancelAsync(batch, default);
        var unknown = batch with { ProviderBatchId = "batch_unknown" };
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => provider.CancelAsync(unknown, default))).Class);
    }

    [Fact]
    public async Task A_full_queue_is_capacity_wherever_it_shows()
    {
        emulator.Faults.Add(Fault.TokenLimitExceeded());
        var (batch, _) = await SubmitAsync(1);
        time.Advance(TimeSpan.FromMinutes(1));
        var snapshot = await provider.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Failed, ProviderErrorClass.Capacity), (snapshot.State, snapshot.Failure!.Class));
        foreach (var status in (int[])[400, 429])
        {
            emulator.Faults.Add(Fault.TokenLimitExceeded(status));
            Assert.Equal(ProviderErrorClass.Capacity, (await Make.Failure(() => SubmitAsync(1))).Class);
        }
    }

    [Fact]
    public async Task Odd_status_answers_are_told_apart()
    {
        emulator.Faults.Add(Fault.UnknownStatus("pondering"), Fault.NullCounts() with { Nth = 2 }, Fault.CompletedWithoutFiles(2));
        var (batch, _) = await SubmitAsync(2);
        var unknown = await provider.GetStatusAsync(batch, default);
        Assert.Equal(("pondering", true), (unknown.Status.Value, unknown.StatusIsUnknown));
        Assert.Null((await provider.GetStatusAsync(batch, default)).Counts);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False((await provider.GetStatusAsync(batch, default)).ResultsReady);
        Assert.False((await provider.GetStatusAsync(batch, default)).ResultsReady);
        Assert.True((await provider.GetStatusAsync(batch, default)).ResultsReady);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_yet_is_not_found()
    {
        emulator.Faults.Add(Fault.HideFromGet(TimeSpan.FromSeconds(5)));
        var (batch, _) = await SubmitAsync(1);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => provider.GetStatusAsync(batch, default))).Class);
        time.Advance(TimeSpan.FromSeconds(6));
        await provider.GetStatusAsync(batch, default);
    }

    [Fact]
    public async Task Bad_lines_are_told_apart_and_the_others_kept()
    {
        emulator.Faults.Add(
            Fault.Lines(FaultAction.MalformLine), Fault.AnswerLine(429) with { CustomId = "op-test-2" },
            Fault.FailLine("batch_expired") with { CustomId = "op-test-3" }, Fault.AnswerLine(0) with { CustomId = "op-test-4" },
            Fault.AnswerLine(400) with { CustomId = "op-test-5" }, Fault.Lines(FaultAction.ShuffleLines), Fault.EmptyErrorFile());
        var (batch, _) = await SubmitAsync(8);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var results = await provider.ReadResultsAsync(batch, default).ToListAsync();

        Assert.Single(results, result => result.Kind == ProviderResultKind.Malformed);
        var byId = results.Where(result => result.WireId is not null).ToDictionary(result => result.WireId!);
        Assert.Equal((ProviderResultKind.Failed, true), (byId["op-test-2"].Kind, byId["op-test-2"].IsPassing));
        Assert.Equal(ProviderResultKind.Expired, byId["op-test-3"].Kind);
        Assert.Equal((ProviderResultKind.Failed, true), (byId["op-test-4"].Kind, byId["op-test-4"].IsPassing));
        Assert.Equal((ProviderResultKind.Failed, false), (byId["op-test-5"].Kind, byId["op-test-5"].IsPassing));
        Assert.Equal(3, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
    }

    [Fact]
    public async Task A_cut_download_is_transient_and_the_next_one_whole()
    {
        var (batch, _) = await SubmitAsync(10);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        emulator.Faults.Add(Fault.Truncate(EmulatorOperation.DownloadFile, 1_000), Fault.Truncate(EmulatorOperation.DownloadFile, 1_000, cleanly: true) with { Nth = 2 });

        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(async () => await provider.ReadResultsAsync(batch, default).ToListAsync())).Class);
        var cleanly = await provider.ReadResultsAsync(batch, default).ToListAsync();
        Assert.Equal(ProviderResultKind.Malformed, cleanly[^1].Kind);
        Assert.Equal(10, (await provider.ReadResultsAsync(batch, default).ToListAsync()).Count);
    }

    [Theory]
    [InlineData(StatusSpelling.UpperCase, ListWrapper.BareArray, true)]
    [InlineData(StatusSpelling.TitleCase, ListWrapper.Value, false)]
    [InlineData(StatusSpelling.LowerCase, ListWrapper.Data, true)]
    public async Task Dialects_are_understood(StatusSpelling spelling, ListWrapper wrapper, bool wrapCreated)
    {
        await UseAsync(new EmulatorOptions
        {
            Providers = [new EmulatedOpenAI { Dialect = new() { StatusSpelling = spelling, ListWrapper = wrapper, WrapCreatedJob = wrapCreated } }],
        });
        var start = time.GetUtcNow();
        var (batch, _) = await SubmitAsync(4);
        Assert.Equal([batch.ProviderBatchId], (await FindAsync(start, batch.Journal)).ProviderBatchIds);
        Assert.False((await provider.GetStatusAsync(batch, default)).StatusIsUnknown);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        Assert.Equal(4, (await provider.ReadResultsAsync(batch, default).ToListAsync()).Count(result => result.Kind == ProviderResultKind.Succeeded));
        await provider.CancelAsync(batch, default);
    }

    private async Task UseAsync(EmulatorOptions options)
    {
        if (emulator is not null)
            await emulator.DisposeAsync();
        emulator = await EmulatorServer.StartAsync(options with { TimeProvider = time, ApiKey = Make.Key });
        provider = Make.Provider(configure: settings => settings.BaseUrl = emulator.OpenAIBaseUrl.ToString());
    }

    private async Task<(ProviderBatchRef Batch, MemorySubmission Submission)> SubmitAsync(int entries, string key = "op-test")
    {
        var body = Encoding.UTF8.GetString(new OpenAICodec().Encode("gpt-test", BatchEndpoint.Chat, [new(ChatRole.User, "hello")]));
        var submission = MemorySubmission.Of(new SubmissionKey(key), Make.Model, Enumerable.Repeat(body, entries).ToArray());
        var receipt = await provider.SubmitAsync(submission, default);
        return (submission.At(receipt.ProviderBatchId), submission);
    }

    private async Task<ProviderBatchRef> EndAsync(ProviderBatchRef batch, ProviderBatchState expected)
    {
        time.Advance(TimeSpan.FromMinutes(10));
        var snapshot = await provider.GetStatusAsync(batch, default);
        Assert.Equal(expected, snapshot.State);
        return batch with { Journal = snapshot.Journal! };
    }

    private Task<FindResult> FindAsync(DateTimeOffset start, Journal? journal = null) =>
        provider.FindAsync(new FindRequest(Make.Batch() with { EntryCount = 1, Journal = journal ?? Journal.Empty }, start), default);

    private async Task CallAsync(EmulatorOperation operation, ProviderBatchRef batch) => await (operation switch
    {
        EmulatorOperation.GetBatch => provider.GetStatusAsync(batch, default),
        EmulatorOperation.ListBatches => FindAsync(time.GetUtcNow()),
        EmulatorOperation.CancelBatch => provider.CancelAsync(batch, default),
        EmulatorOperation.DownloadFile => provider.ReadResultsAsync(batch, default).ToListAsync().AsTask(),
        EmulatorOperation.DeleteFile => provider.CleanUpAsync(batch, default),
        _ => SubmitAsync(1),
    });

    private static async Task<List<string>> WireIdsAsync(MemorySubmission submission) =>
        [.. (await submission.ReadEntriesAsync(default).Select(entry => entry.WireId).ToListAsync()).Order()];
}
