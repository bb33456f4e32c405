using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Gemini.Tests;

/// <summary>
/// The provider against the emulator, from create to clean-up, with faults, for both ways to hand over requests. Runs alone: what other tests
/// hold or allocate at the same time would be counted where memory is.
/// </summary>
[Collection("Memory")]
public sealed class EmulatorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EmulatorServer emulator = null!;
    private GeminiBatchProvider inline = null!;
    private GeminiBatchProvider byFile = null!;

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(new EmulatorOptions { TimeProvider = time, ApiKey = Make.Key });
        inline = Make.Provider(configure: options => options.BaseUrl = emulator.GeminiBaseUrl.ToString());
        byFile = Make.Provider(configure: options =>
        {
            options.BaseUrl = emulator.GeminiBaseUrl.ToString();
            options.InlineLimitBytes = 0;
        });
    }

    public ValueTask DisposeAsync() => emulator.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_goes_from_create_to_clean_up(bool file)
    {
        emulator.Answers = _ => EmulatedAnswer.Say("fine é");
        var (batch, submission) = await SubmitAsync(file, 20);
        Assert.Equal(ProviderBatchState.Running, (await inline.GetStatusAsync(batch, default)).State);

        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var results = await inline.ReadResultsAsync(batch, default).ToListAsync();

        Assert.Equal(await WireIdsAsync(submission), results.Select(result => result.WireId).Order());
        Assert.All(results, result => Assert.Equal(ProviderResultKind.Succeeded, result.Kind));
        Assert.All(results, result => Assert.Equal("fine é", inline.Codec.ReadText(BatchEndpoint.Chat, result.Body.Span)));
        Assert.All(results, result => Assert.Equal("fine é", inline.Codec.Decode(BatchEndpoint.Chat, result.Body).Text));
        Assert.All(results, result => Assert.True(result.Usage!.InputTokens > 0));
        Assert.All(results, result => Assert.Equal(("stop", Make.Model), (result.FinishReason, result.Model)));
        var made = Assert.Single(emulator.Batches);
        Assert.Equal(file ? "op-test.jsonl" : null, made.InputFileName);
        Assert.Equal("op-test", made.Metadata["displayName"]);
        Assert.Equal(1, emulator.CreateCalls);

        await inline.CleanUpAsync(batch, default);
        Assert.Empty(emulator.Files);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => inline.GetStatusAsync(batch, default))).Class);
        await inline.CleanUpAsync(batch, default);
    }

    [Fact]
    public async Task An_inline_batch_is_one_call_and_a_large_one_three()
    {
        await SubmitAsync(file: false, 2);
        Assert.Equal(["POST /v1beta/models/gemini-2.5-flash:batchGenerateContent"], Calls());
        await SubmitAsync(file: true, 2);
        Assert.Equal(4, Calls().Count);
        Assert.StartsWith("POST /upload/v1beta/files?upload_id=", Calls()[2]);
        Assert.All(Calls(), call => Assert.DoesNotContain(Make.Key, call));
    }

    [Fact]
    public async Task The_counts_are_read_at_the_end_and_the_input_file_is_remembered()
    {
        emulator.Faults.Add(Fault.AnswerLine(400));
        var (batch, _) = await SubmitAsync(file: true, 5);
        batch = batch with { Journal = Journal.Empty };
        time.Advance(TimeSpan.FromMinutes(10));
        var snapshot = await inline.GetStatusAsync(batch, default);
        Assert.Equal(new ProviderCounts(5, 4, 1), snapshot.Counts);
        Assert.Equal(emulator.Batches[0].InputFileId, snapshot.Journal!["input_file"]);
        Assert.StartsWith("files/batch-", snapshot.Journal["output_file"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Embeddings_have_a_create_call_of_their_own(bool file)
    {
        var body = Encoding.UTF8.GetString(((IBatchProvider)inline).EmbeddingCodec!.EncodeEmbedding("gemini-embedding-001", "hello"));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, [body, body], endpoint: BatchEndpoint.Embeddings);
        var receipt = await (file ? byFile : inline).SubmitAsync(submission, default);
        Assert.EndsWith(":asyncBatchEmbedContent", Calls()[^1]);
        var batch = submission.At(receipt.ProviderBatchId);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var results = await inline.ReadResultsAsync(batch, default).ToListAsync();
        Assert.Equal(2, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.All(results, result => Assert.Equal(3_072, ((IBatchProvider)inline).EmbeddingCodec!.DecodeEmbeddings(result.Body).Single().Vector.Length));
        Assert.All(results, result => Assert.True(result.Usage!.InputTokens > 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_reply_is_found_again_by_its_name_after_one_create(bool file)
    {
        await SubmitAsync(file, 1, "op-before");
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), Fault.HideFromList(TimeSpan.FromSeconds(30)));
        var start = time.GetUtcNow();
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => SubmitAsync(file, 3))).Class);
        Assert.Equal(2, emulator.CreateCalls);

        Assert.Equal(FindOutcome.Absent, (await FindAsync(start)).Outcome);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(["batches/" + emulator.Batches[1].Id], (await FindAsync(start)).ProviderBatchIds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_create_that_never_arrived_is_absent(bool file)
    {
        emulator.Faults.Add(Fault.DropBeforeCommit(EmulatorOperation.CreateBatch));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => SubmitAsync(file, 1))).Class);
        Assert.Equal(FindOutcome.Absent, (await FindAsync(time.GetUtcNow())).Outcome);
    }

    [Fact]
    public async Task Doubles_are_all_found_over_many_pages_oldest_first()
    {
        var start = time.GetUtcNow();
        for (var i = 0; i < 230; i++)
        {
            await SubmitAsync(file: false, 1, i % 100 == 7 ? "op-test" : "op-other");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var expected = emulator.Batches.Where(batch => batch.Metadata["displayName"] == "op-test").Select(batch => "batches/" + batch.Id);
        Assert.Equal(expected, (await FindAsync(start)).ProviderBatchIds);
        Assert.Equal(3, emulator.Requests.Count(request => request.Operation == EmulatorOperation.ListBatches));
        Assert.Equal(2, (await FindAsync(start.AddSeconds(8))).ProviderBatchIds.Count);
    }

    [Theory]
    [InlineData(EmulatorOperation.UploadFile, true)]
    [InlineData(EmulatorOperation.CreateBatch, true)]
    [InlineData(EmulatorOperation.CreateBatch, false)]
    [InlineData(EmulatorOperation.GetBatch, false)]
    [InlineData(EmulatorOperation.ListBatches, false)]
    [InlineData(EmulatorOperation.CancelBatch, false)]
    [InlineData(EmulatorOperation.DownloadFile, true)]
    [InlineData(EmulatorOperation.DeleteFile, true)]
    [InlineData(EmulatorOperation.DeleteBatch, true)]
    public async Task Each_call_gives_its_faults_a_class_and_is_sent_once(EmulatorOperation operation, bool file)
    {
        var (batch, _) = await SubmitAsync(file, 2, "op-first");
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var create = operation == EmulatorOperation.CreateBatch;
        (Fault Fault, ProviderErrorClass Expected)[] faults =
        [
            (Fault.Respond(operation, 401), ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 403), ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 400) with { Message = "API key not valid. Please pass a valid API key." }, ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 400) with { Message = "odd", Code = "API_KEY_INVALID" }, ProviderErrorClass.Unauthorized),
            (Fault.Respond(operation, 400) with { Message = "odd" }, ProviderErrorClass.Refused),
            (Fault.Respond(operation, 429, TimeSpan.FromSeconds(9)), create ? ProviderErrorClass.Capacity : ProviderErrorClass.RateLimited),
            (Fault.Respond(operation, 500), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.Respond(operation, 503), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.DropBeforeCommit(operation), create ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient),
            (Fault.Redirect(operation, "http://127.0.0.1:9/"), ProviderErrorClass.Refused),
        ];
        foreach (var (fault, expected) in faults)
        {
            emulator.Faults.Clear();
            emulator.Faults.Add(fault with { Times = null });
            var before = emulator.Requests.Count(request => request.Operation == operation);
            var failure = await Make.Failure(() => CallAsync(operation, file, batch));
            Assert.Equal(expected, failure.Class);
            Assert.Equal(fault.RetryAfter, failure.RetryAfter);
            Assert.Equal(before + 1, emulator.Requests.Count(request => request.Operation == operation));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_upload_whose_reply_was_lost_is_simply_made_again(int call)
    {
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.UploadFile) with { Nth = call });
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(() => SubmitAsync(file: true, 1))).Class);
        Assert.Equal(0, emulator.CreateCalls);
        await SubmitAsync(file: true, 1);
        Assert.Equal(1, emulator.CreateCalls);
    }

    [Fact]
    public async Task An_uploaded_file_is_used_again_until_it_has_expired()
    {
        emulator.Faults.Add(Fault.DropBeforeCommit(EmulatorOperation.CreateBatch) with { Times = 2 });
        var submission = NewSubmission(2, "op-test");
        await Make.Failure(() => byFile.SubmitAsync(submission, default));
        await Make.Failure(() => byFile.SubmitAsync(submission, default));
        Assert.Equal(2, emulator.Requests.Count(request => request.Operation == EmulatorOperation.UploadFile));
        time.Advance(TimeSpan.FromHours(49));
        await byFile.SubmitAsync(submission, default);
        Assert.Equal(4, emulator.Requests.Count(request => request.Operation == EmulatorOperation.UploadFile));
        Assert.Equal(["files/" + Assert.Single(emulator.Files).Id], emulator.Batches.Select(batch => batch.InputFileId));
    }

    [Theory]
    [InlineData("expired", ProviderBatchState.Expired, false)]
    [InlineData("expired", ProviderBatchState.Expired, true)]
    [InlineData("cancelled", ProviderBatchState.Canceled, false)]
    [InlineData("failed", ProviderBatchState.Failed, true)]
    public async Task An_early_end_has_no_results_and_reading_them_is_no_error(string status, ProviderBatchState state, bool file)
    {
        emulator.Faults.Add(Fault.EndBatch(status, 0.4));
        var (batch, _) = await SubmitAsync(file, 10);
        batch = await EndAsync(batch, state);
        Assert.Empty(await inline.ReadResultsAsync(batch, default).ToListAsync());
    }

    [Fact]
    public async Task Cancelling_is_a_request_and_harmless_afterwards()
    {
        var (batch, _) = await SubmitAsync(file: false, 5);
        await inline.CancelAsync(batch, default);
        Assert.Equal(ProviderBatchState.Running, (await inline.GetStatusAsync(batch, default)).State);
        await EndAsync(batch, ProviderBatchState.Canceled);
        await inline.CancelAsync(batch, default);
        var unknown = batch with { ProviderBatchId = "batches/unknown" };
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => inline.CancelAsync(unknown, default))).Class);
    }

    [Fact]
    public async Task A_full_queue_is_capacity_wherever_it_shows()
    {
        emulator.Faults.Add(Fault.TokenLimitExceeded());
        var (batch, _) = await SubmitAsync(file: false, 1);
        time.Advance(TimeSpan.FromMinutes(1));
        var snapshot = await inline.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Failed, ProviderErrorClass.Capacity), (snapshot.State, snapshot.Failure!.Class));
        Assert.Equal("RESOURCE_EXHAUSTED", snapshot.Failure.Code);
        foreach (var file in (bool[])[false, true])
        {
            emulator.Faults.Add(Fault.TokenLimitExceeded(429));
            Assert.Equal(ProviderErrorClass.Capacity, (await Make.Failure(() => SubmitAsync(file, 1))).Class);
        }
    }

    [Fact]
    public async Task A_failed_batch_says_why()
    {
        emulator.Faults.Add(Fault.FailBatch("3", "The requests are bad."));
        var (batch, _) = await SubmitAsync(file: false, 1);
        time.Advance(TimeSpan.FromMinutes(1));
        var failure = (await inline.GetStatusAsync(batch, default)).Failure!;
        Assert.Equal(new(ProviderErrorClass.Refused, "INVALID_ARGUMENT", "The requests are bad."), failure);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_yet_is_not_found()
    {
        emulator.Faults.Add(Fault.HideFromGet(TimeSpan.FromSeconds(5)));
        var (batch, _) = await SubmitAsync(file: false, 1);
        Assert.Equal(ProviderErrorClass.NotFound, (await Make.Failure(() => inline.GetStatusAsync(batch, default))).Class);
        time.Advance(TimeSpan.FromSeconds(6));
        await inline.GetStatusAsync(batch, default);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_results_are_told_apart_and_the_others_kept(bool file)
    {
        emulator.Faults.Add(
            Fault.Lines(FaultAction.MalformLine), Fault.FailLine("4") with { CustomId = "op-test-2" },
            Fault.AnswerLine(429) with { CustomId = "op-test-3" }, Fault.AnswerLine(400) with { CustomId = "op-test-4" },
            Fault.Lines(FaultAction.OmitLine) with { CustomId = "op-test-5" }, Fault.Lines(FaultAction.RenameLine) with { CustomId = "op-test-6" },
            Fault.Lines(FaultAction.DuplicateLine) with { CustomId = "op-test-7" }, Fault.Lines(FaultAction.ContradictLine) with { CustomId = "op-test-8" },
            Fault.Lines(FaultAction.ShuffleLines));
        var (batch, _) = await SubmitAsync(file, 10);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var results = await inline.ReadResultsAsync(batch, default).ToListAsync();

        Assert.Single(results, result => result.Kind == ProviderResultKind.Malformed);
        Assert.Equal(Enumerable.Range(1, 11).Select(i => (long)i), results.Select(result => result.Line));
        var byId = results.Where(result => result.WireId is not null).ToLookup(result => result.WireId!);
        Assert.Equal((ProviderResultKind.Failed, true, "DEADLINE_EXCEEDED"), Summary(byId["op-test-2"].Single()));
        Assert.Equal((ProviderResultKind.Failed, true, "RESOURCE_EXHAUSTED"), Summary(byId["op-test-3"].Single()));
        Assert.Equal((ProviderResultKind.Failed, false, "INVALID_ARGUMENT"), Summary(byId["op-test-4"].Single()));
        Assert.Empty(byId["op-test-5"]);
        Assert.Empty(byId["op-test-6"]);
        Assert.Single(byId["op-test-6-unknown"]);
        Assert.Equal(2, byId["op-test-7"].Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.Equal([ProviderResultKind.Succeeded, ProviderResultKind.Failed], byId["op-test-8"].Select(result => result.Kind).Order());
        Assert.Equal(2, byId["op-test-9"].Count() + byId["op-test-10"].Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_download_is_transient_and_the_next_one_whole(bool file)
    {
        var (batch, _) = await SubmitAsync(file, 10);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var operation = file ? EmulatorOperation.DownloadFile : EmulatorOperation.GetBatch;
        emulator.Faults.Add(Fault.Truncate(operation, 1_500), Fault.Truncate(operation, 1_500, cleanly: true) with { Nth = 2 });

        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(async () => await inline.ReadResultsAsync(batch, default).ToListAsync())).Class);
        var cleanly = await inline.ReadResultsAsync(batch, default).ToListAsync();
        Assert.Equal((ProviderResultKind.Malformed, true), (cleanly[^1].Kind, cleanly[^1].IsTorn));
        Assert.InRange(cleanly.Count, 2, 9);
        Assert.Equal(10, (await inline.ReadResultsAsync(batch, default).ToListAsync()).Count);
    }

    [Fact]
    public async Task A_cut_status_is_never_an_answer()
    {
        var (batch, _) = await SubmitAsync(file: false, 10);
        await EndAsync(batch, ProviderBatchState.Ended);
        emulator.Faults.Add(
            Fault.Truncate(EmulatorOperation.GetBatch, 1_500), Fault.Truncate(EmulatorOperation.GetBatch, 1_500, cleanly: true) with { Nth = 2 });
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(() => inline.GetStatusAsync(batch, default))).Class);
        Assert.Equal(ProviderErrorClass.Unexpected, (await Make.Failure(() => inline.GetStatusAsync(batch, default))).Class);
    }

    [Fact]
    public async Task A_wrong_key_is_unauthorized()
    {
        var provider = Make.Provider(configure: options =>
        {
            options.BaseUrl = emulator.GeminiBaseUrl.ToString();
            options.ApiKey = "AIzaAnother0123456789";
        });
        var failure = await Make.Failure(() => provider.SubmitAsync(NewSubmission(1, "op-test"), default));
        Assert.Equal(ProviderErrorClass.Unauthorized, failure.Class);
        Assert.Empty(emulator.Batches);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_stays_bounded_while_large_results_are_read(bool file)
    {
        var text = new string('x', 100_000);
        emulator.Answers = _ => EmulatedAnswer.Say(text);
        var (batch, _) = await SubmitAsync(file, 1_000);
        batch = await EndAsync(batch, ProviderBatchState.Ended);
        var allocated = GC.GetTotalAllocatedBytes();
        await inline.GetStatusAsync(batch, default);
        Assert.InRange(GC.GetTotalAllocatedBytes() - allocated, 0, 30_000_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (count, most) = (0, 0L);
        await foreach (var result in inline.ReadResultsAsync(batch, default))
        {
            count++;
            if (count % 100 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            Assert.True(result.Body.Length > 100_000);
        }

        Assert.Equal(1_000, count);
        // The results are 100 MB, and twice that inline.
        Assert.InRange(most, long.MinValue, 10_000_000);
    }

    private static (ProviderResultKind Kind, bool IsPassing, string? Code) Summary(ProviderResult result) =>
        (result.Kind, result.IsPassing, result.ErrorCode);

    private List<string> Calls() => [.. emulator.Requests.Select(request => $"{request.Method} {request.Path}")];

    private static MemorySubmission NewSubmission(int entries, string key)
    {
        var body = Encoding.UTF8.GetString(new GeminiCodec().Encode(Make.Model, BatchEndpoint.Chat, [new(ChatRole.User, "hello")]));
        return MemorySubmission.Of(new SubmissionKey(key), Make.Model, Enumerable.Repeat(body, entries).ToArray());
    }

    private async Task<(ProviderBatchRef Batch, MemorySubmission Submission)> SubmitAsync(bool file, int entries, string key = "op-test")
    {
        var submission = NewSubmission(entries, key);
        var receipt = await (file ? byFile : inline).SubmitAsync(submission, default);
        return (submission.At(receipt.ProviderBatchId), submission);
    }

    private async Task<ProviderBatchRef> EndAsync(ProviderBatchRef batch, ProviderBatchState expected)
    {
        time.Advance(TimeSpan.FromMinutes(10));
        var snapshot = await inline.GetStatusAsync(batch, default);
        Assert.Equal(expected, snapshot.State);
        Assert.False(snapshot.StatusIsUnknown);
        Assert.True(snapshot.ResultsReady);
        return batch with { Journal = snapshot.Journal! };
    }

    private Task<FindResult> FindAsync(DateTimeOffset start) =>
        inline.FindAsync(new FindRequest(Make.Batch() with { EntryCount = 1 }, start), default);

    private async Task CallAsync(EmulatorOperation operation, bool file, ProviderBatchRef batch) => await (operation switch
    {
        EmulatorOperation.GetBatch => inline.GetStatusAsync(batch, default),
        EmulatorOperation.ListBatches => FindAsync(time.GetUtcNow()),
        EmulatorOperation.CancelBatch => inline.CancelAsync(batch, default),
        EmulatorOperation.DownloadFile => inline.ReadResultsAsync(batch, default).ToListAsync().AsTask(),
        EmulatorOperation.DeleteFile or EmulatorOperation.DeleteBatch => inline.CleanUpAsync(batch, default),
        _ => SubmitAsync(file, 1),
    });

    private static async Task<List<string>> WireIdsAsync(MemorySubmission submission) =>
        [.. (await submission.ReadEntriesAsync(default).Select(entry => entry.WireId).ToListAsync()).Order()];
}

[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class RunsAlone;
