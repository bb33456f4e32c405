using Offpeak.Codec;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

public class SubmitTests
{
    private const string UploadUrl = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=u1";
    private const string File = """{"file":{"name":"files/f1","state":"ACTIVE"}}""";
    private const string Batch = """{"name":"batches/b1","metadata":{"state":"BATCH_STATE_PENDING"}}""";

    [Fact]
    public async Task A_small_shard_is_one_call_with_its_exact_bytes()
    {
        var handler = new StubHandler(_ => AsJson(Batch));
        var submission = Make.Shard("""{"a":"é"}""", "{}");

        var receipt = await Make.Provider(handler).SubmitAsync(submission, default);

        Assert.Equal(("batches/b1", "BATCH_STATE_PENDING"), (receipt.ProviderBatchId, receipt.Status.Value));
        var call = Assert.Single(handler.Calls);
        Assert.Equal("POST /v1beta/models/gemini-2.5-flash:batchGenerateContent", call.ToString());
        Assert.Equal(
            """{"batch":{"displayName":"op-test","inputConfig":{"requests":{"requests":["""
            + """{"metadata":{"key":"op-test-1"},"request":{"a":"é"}},{"metadata":{"key":"op-test-2"},"request":{}}]}}}}""",
            call.Text);
        Assert.Equal(call.Body.Length, call.ContentLength);
        Assert.Equal(Make.Key, call.Header("x-goog-api-key"));
        Assert.Equal(["begin"], submission.Log);
    }

    [Fact]
    public async Task A_large_shard_is_uploaded_journalled_and_then_named()
    {
        var handler = Uploads();
        var submission = Make.Shard("""{"a":"é"}""", "{}");

        await ByFile(handler).SubmitAsync(submission, default);

        Assert.Equal(
            [
                "POST /upload/v1beta/files", "POST /upload/v1beta/files?upload_id=u1",
                "POST /v1beta/models/gemini-2.5-flash:batchGenerateContent",
            ],
            handler.Calls.Select(call => call.ToString()));
        Assert.Equal(["journal input_file=files/f1", "begin"], submission.Log);
        var (start, upload, create) = (handler.Calls[0], handler.Calls[1], handler.Calls[2]);
        Assert.Equal(("resumable", "start"), (start.Header("X-Goog-Upload-Protocol"), start.Header("X-Goog-Upload-Command")));
        Assert.Equal("""{"file":{"displayName":"op-test.jsonl"}}""", start.Text);
        Assert.Equal(upload.Body.Length.ToString(), start.Header("X-Goog-Upload-Header-Content-Length"));
        Assert.Equal(("0", "upload, finalize"), (upload.Header("X-Goog-Upload-Offset"), string.Join(", ", upload.Header("X-Goog-Upload-Command")!.Split(',').Select(part => part.Trim()))));
        Assert.Equal(
            "{\"key\":\"op-test-1\",\"request\":{\"a\":\"é\"}}\n{\"key\":\"op-test-2\",\"request\":{}}\n", upload.Text);
        Assert.Equal("""{"batch":{"displayName":"op-test","inputConfig":{"fileName":"files/f1"}}}""", create.Text);
        Assert.All(handler.Calls, call => Assert.Equal(Make.Key, call.Header("x-goog-api-key")));
    }

    [Fact]
    public async Task The_limit_of_inline_shards_counts_the_whole_call()
    {
        var submission = Make.Shard("{}", "{}");
        var handler = new StubHandler(_ => AsJson(Batch));
        await Make.Provider(handler).SubmitAsync(submission, default);
        var length = handler.Calls[0].Body.Length;

        foreach (var (limit, calls) in ((int, int)[])[(length, 1), (length - 1, 3)])
        {
            handler = Uploads();
            await Make.Provider(handler, configure: options => options.InlineLimitBytes = limit).SubmitAsync(submission, default);
            Assert.Equal(calls, handler.Calls.Count);
        }
    }

    [Fact]
    public async Task Embeddings_and_tuned_models_have_their_own_paths()
    {
        var handler = new StubHandler(_ => AsJson(Batch));
        await Make.Provider(handler).SubmitAsync(
            MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], endpoint: BatchEndpoint.Embeddings), default);
        Assert.Equal("/v1beta/models/gemini-2.5-flash:asyncBatchEmbedContent", handler.Calls[0].Path);
    }

    [Theory]
    [InlineData("http://evil.example/upload?upload_id=1")]
    [InlineData("https://generativelanguage.googleapis.com.evil.example/upload")]
    [InlineData("http://generativelanguage.googleapis.com/upload")]
    [InlineData("https://generativelanguage.googleapis.com:444/upload")]
    [InlineData("//evil.example/upload")]
    [InlineData("")]
    [InlineData(null)]
    public async Task An_upload_address_elsewhere_is_refused_and_no_key_leaves(string? url)
    {
        var handler = Uploads(url);
        Assert.Equal(ProviderErrorClass.Unexpected, (await Make.Failure(() => ByFile(handler).SubmitAsync(Make.Shard("{}"), default))).Class);
        Assert.Single(handler.Calls);
    }

    [Fact]
    public async Task A_journalled_file_that_is_still_there_is_not_uploaded_again()
    {
        var handler = new StubHandler(call => AsJson(call.Method == "GET" ? """{"name":"files/f0","state":"ACTIVE"}""" : Batch));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], Journal.Empty.With("input_file", "files/f0"));
        await ByFile(handler).SubmitAsync(submission, default);

        Assert.Equal(["GET /v1beta/files/f0", "POST /v1beta/models/gemini-2.5-flash:batchGenerateContent"], handler.Calls.Select(call => call.ToString()));
        Assert.Equal(["begin"], submission.Log);
    }

    [Theory]
    [InlineData(404, "{}")]
    [InlineData(403, """{"error":{"code":403,"message":"You do not have permission to access the File f0 or it may not exist.","status":"PERMISSION_DENIED"}}""")]
    [InlineData(200, """{"name":"files/f0","state":"FAILED"}""")]
    public async Task A_journalled_file_that_is_gone_or_useless_is_uploaded_afresh(int status, string body)
    {
        var handler = Uploads(onGet: _ => AsJson(body, status));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], Journal.Empty.With("input_file", "files/f0"));
        await ByFile(handler).SubmitAsync(submission, default);
        Assert.Equal(["journal input_file=files/f1", "begin"], submission.Log);
        Assert.Contains("files/f1", Assert.Single(handler.Creates).Text);
    }

    [Fact]
    public async Task A_forbidden_look_at_the_file_is_the_keys_fault()
    {
        var handler = Uploads(onGet: _ => AsJson("""{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}""", 403));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], Journal.Empty.With("input_file", "files/f0"));
        Assert.Equal(ProviderErrorClass.Unauthorized, (await Make.Failure(() => ByFile(handler).SubmitAsync(submission, default))).Class);
    }

    [Fact]
    public async Task A_file_in_processing_is_waited_for()
    {
        var looks = 0;
        var handler = Uploads(
            file: """{"file":{"name":"files/f1","state":"PROCESSING"}}""",
            onGet: _ => AsJson($$"""{"name":"files/f1","state":"{{(++looks < 3 ? "PROCESSING" : "ACTIVE")}}"}"""));
        await ByFile(handler, options => options.FileReadyInterval = TimeSpan.Zero).SubmitAsync(Make.Shard("{}"), default);
        Assert.Equal(3, looks);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task A_file_that_stays_in_processing_is_tried_again_later()
    {
        var handler = Uploads(file: """{"file":{"name":"files/f1","state":"PROCESSING"}}""");
        var failure = await Make.Failure(() => ByFile(handler, options => options.FileReadyTimeout = TimeSpan.Zero).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(ProviderErrorClass.Transient, failure.Class);
        Assert.Empty(handler.Creates);
    }

    [Fact]
    public async Task A_file_that_cannot_be_processed_is_refused_before_the_create_call()
    {
        var handler = Uploads(file: """{"file":{"name":"files/f1","state":"FAILED","error":{"message":"bad"}}}""");
        var failure = await Make.Failure(() => ByFile(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(ProviderErrorClass.Refused, failure.Class);
        Assert.Contains("bad", failure.Message);
        Assert.Empty(handler.Creates);
    }

    [Theory]
    [InlineData(1, 400, "refused")]
    [InlineData(2, 400, "refused")]
    [InlineData(1, 429, "rate_limited")]
    [InlineData(2, 429, "rate_limited")]
    [InlineData(2, 401, "unauthorized")]
    [InlineData(2, 404, "refused")]
    [InlineData(1, 503, "transient")]
    [InlineData(2, 503, "transient")]
    [InlineData(2, 200, "unexpected")]
    public async Task A_failed_upload_is_never_an_unknown_outcome(int failing, int status, string expected)
    {
        var calls = 0;
        var handler = new StubHandler(call => ++calls == failing
            ? AsJson("""{"error":{"message":"no","status":"RESOURCE_EXHAUSTED","code":429}}""", status)
            : WithUrl(AsJson("{}"), UploadUrl));
        var submission = Make.Shard("{}");
        var failure = await Make.Failure(() => ByFile(handler).SubmitAsync(submission, default));
        Assert.Equal(expected, failure.Class.Value);
        Assert.Empty(submission.Log);
        Assert.Equal(failing, handler.Calls.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_and_small_entries_stream_with_a_content_length_on_the_wire(bool file)
    {
        LocalServer server = null!;
        server = await LocalServer.StartAsync((context, call) =>
        {
            if (call.Path == "/upload/v1beta/files")
                context.Response.Headers["X-Goog-Upload-URL"] = server.Url + "/upload/v1beta/files?upload_id=1";
            return LocalServer.WriteJsonAsync(context, call.Path.StartsWith("/upload", StringComparison.Ordinal) ? File : Batch);
        });
        await using var _ = server;
        var bodies = Enumerable.Range(0, 2_000).Select(i => "{\"t\":\"" + new string('x', i % 700) + "\"}").ToArray();
        await Make.Provider(configure: options =>
        {
            options.BaseUrl = server.Url;
            options.InlineLimitBytes = file ? 0 : options.InlineLimitBytes;
        }).SubmitAsync(Make.Shard(bodies), default);

        var sent = file ? server.Calls.ElementAt(1) : server.Calls.Single();
        Assert.Equal(sent.Body.Length, sent.ContentLength);
        Assert.Equal(2_000, sent.Text.Split("\"key\"").Length - 1);
        if (!file)
            using (System.Text.Json.JsonDocument.Parse(sent.Body)) { }
    }

    [Fact]
    public async Task A_failure_while_entries_are_read_for_an_upload_passes_through()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        var handler = Uploads();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ByFile(handler).SubmitAsync(Make.Shard("{}"), cancel.Token));
        Assert.Empty(handler.Creates);
    }

    private static GeminiBatchProvider ByFile(StubHandler handler, Action<GeminiOptions>? configure = null) => Make.Provider(handler, configure: options =>
    {
        options.InlineLimitBytes = 0;
        configure?.Invoke(options);
    });

    private static StubHandler Uploads(string? url = UploadUrl, string file = File, Func<WireCall, HttpResponseMessage>? onGet = null) => new(call => call switch
    {
        { Method: "GET" } => onGet!(call),
        { Path: "/upload/v1beta/files" } => WithUrl(AsJson("{}"), url),
        { Path: "/upload/v1beta/files?upload_id=u1" } => AsJson(file),
        _ => AsJson(Batch),
    });

    private static HttpResponseMessage WithUrl(HttpResponseMessage answer, string? url)
    {
        if (url is not null)
            answer.Headers.TryAddWithoutValidation("X-Goog-Upload-URL", url);
        return answer;
    }
}
