using System.Text;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

public class SubmitTests
{
    private const string File = """{"id":"file-1","object":"file","status":"processed"}""";
    private const string Batch = """{"id":"batch_1","status":"validating"}""";

    [Fact]
    public async Task Submit_uploads_then_journals_then_creates_once()
    {
        var handler = new StubHandler(call => AsJson(call.Path == "/v1/files" ? File : Batch));
        var submission = Make.Shard("""{"model":"m"}""");

        var receipt = await Make.Provider(handler).SubmitAsync(submission, default);

        Assert.Equal("batch_1", receipt.ProviderBatchId);
        Assert.Equal("validating", receipt.Status.Value);
        Assert.Equal(["POST /v1/files", "POST /v1/batches"], handler.Calls.Select(call => call.ToString()));
        Assert.Equal(["journal input_file_id=file-1", "begin"], submission.Log);
        Assert.All(handler.Calls, call => Assert.Equal("Bearer " + Make.Key, call.Header("Authorization")));
    }

    [Fact]
    public async Task Upload_has_exact_bytes_and_length()
    {
        var handler = new StubHandler(call => AsJson(call.Path == "/v1/files" ? File : Batch));
        await Make.Provider(handler).SubmitAsync(Make.Shard("""{"a":"é"}""", "{}"), default);

        var upload = handler.Calls[0];
        var boundary = upload.ContentType!.Split("boundary=")[1];
        Assert.DoesNotContain('"', boundary);
        Assert.Equal(
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
            + $"--{boundary}\r\nContent-Type: application/jsonl\r\nContent-Disposition: form-data; name=\"file\"; filename=\"op-test.jsonl\"\r\n\r\n"
            + "{\"custom_id\":\"op-test-1\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"a\":\"é\"}}\n"
            + "{\"custom_id\":\"op-test-2\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{}}\n"
            + $"\r\n--{boundary}--\r\n",
            upload.Text);
        Assert.Equal(upload.Body.Length, upload.ContentLength);
    }

    [Fact]
    public async Task Upload_streams_with_a_content_length_on_the_wire()
    {
        await using var server = await LocalServer.StartAsync((context, call) =>
            LocalServer.WriteJsonAsync(context, call.Path == "/files" ? File : Batch));
        var body = "{\"x\":\"" + new string('y', 100_000) + "\"}";
        var submission = Make.Shard(Enumerable.Repeat(body, 20).ToArray());

        await Make.Provider(configure: options => options.BaseUrl = server.Url).SubmitAsync(submission, default);

        var upload = server.Calls.First();
        Assert.Equal(upload.Body.Length, upload.ContentLength);
        Assert.True(upload.ContentLength > 2_000_000);
    }

    [Fact]
    public async Task Create_body_names_file_endpoint_window_and_key()
    {
        var handler = new StubHandler(call => AsJson(call.Path == "/v1/files" ? File : Batch));
        await Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default);

        Assert.Equal(
            """{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"offpeak_submission_key":"op-test"}}""",
            Assert.Single(handler.Creates).Text);
    }

    [Fact]
    public async Task A_journalled_file_that_is_still_there_is_not_uploaded_again()
    {
        var handler = new StubHandler(call => AsJson(call.Method == "GET" ? File : Batch));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], Journal.Empty.With("input_file_id", "file-1"));
        await Make.Provider(handler).SubmitAsync(submission, default);

        Assert.Equal(["GET /v1/files/file-1", "POST /v1/batches"], handler.Calls.Select(call => call.ToString()));
        Assert.Equal(["begin"], submission.Log);
    }

    [Fact]
    public async Task A_journalled_file_that_is_gone_is_uploaded_afresh_and_journalled()
    {
        var handler = new StubHandler(call => call switch
        {
            { Method: "GET" } => AsJson("{}", 404),
            { Path: "/v1/files" } => AsJson("""{"id":"file-2"}"""),
            _ => AsJson(Batch),
        });
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], Journal.Empty.With("input_file_id", "file-1"));
        await Make.Provider(handler).SubmitAsync(submission, default);

        Assert.Equal(["journal input_file_id=file-2", "begin"], submission.Log);
        Assert.Contains("file-2", Assert.Single(handler.Creates).Text);
    }

    [Fact]
    public async Task A_pending_file_is_waited_for()
    {
        var looks = 0;
        var handler = new StubHandler(call => call switch
        {
            { Method: "GET" } => AsJson($$"""{"id":"file-1","status":"{{(++looks < 3 ? "pending" : "processed")}}"}"""),
            { Path: "/v1/files" } => AsJson("""{"id":"file-1","status":"pending"}"""),
            _ => AsJson(Batch),
        });
        var provider = Make.Provider(handler, configure: options => options.FileReadyInterval = TimeSpan.Zero);
        await provider.SubmitAsync(Make.Shard("{}"), default);

        Assert.Equal(3, looks);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task A_file_that_cannot_be_processed_is_refused_before_the_create_call()
    {
        var handler = new StubHandler(_ => AsJson("""{"id":"file-1","status":"error","status_details":"bad"}"""));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(ProviderErrorClass.Refused, failure.Class);
        Assert.Empty(handler.Creates);
    }

    [Theory]
    [InlineData(400, "refused")]
    [InlineData(401, "unauthorized")]
    [InlineData(403, "unauthorized")]
    [InlineData(404, "refused")]
    [InlineData(408, "transient")]
    [InlineData(409, "transient")]
    [InlineData(413, "refused")]
    [InlineData(429, "rate_limited")]
    [InlineData(500, "transient")]
    [InlineData(503, "transient")]
    public async Task A_failed_upload_is_never_an_unknown_outcome(int status, string expected)
    {
        var handler = new StubHandler(_ => AsJson("""{"error":{"message":"no"}}""", status));
        var submission = Make.Shard("{}");
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(submission, default));

        Assert.Equal(expected, failure.Class.Value);
        Assert.Empty(submission.Log);
        Assert.Single(handler.Calls);
    }

    [Fact]
    public async Task A_together_style_wrapper_is_opened()
    {
        var handler = new StubHandler(call => AsJson(call.Path == "/v1/files" ? File : """{"job":{"id":"b-9","status":"VALIDATING"}}"""));
        Assert.Equal("b-9", (await Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default)).ProviderBatchId);
    }

    [Fact]
    public async Task A_failure_while_entries_are_read_passes_through()
    {
        var handler = new StubHandler(_ => AsJson(File));
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), cancel.Token));
        Assert.Empty(handler.Creates);
    }

    [Fact]
    public async Task Large_and_small_entries_add_up_to_the_announced_length()
    {
        var bodies = Enumerable.Range(0, 2_000).Select(i => "{\"t\":\"" + new string('x', i % 700) + "\"}").ToArray();
        var handler = new StubHandler(call => AsJson(call.Path == "/v1/files" ? File : Batch));
        await Make.Provider(handler).SubmitAsync(Make.Shard(bodies), default);

        Assert.Equal(handler.Calls[0].Body.Length, handler.Calls[0].ContentLength);
        Assert.Equal(2_000, Encoding.UTF8.GetString(handler.Calls[0].Body).Split("\"custom_id\"").Length - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Entries_that_do_not_add_up_are_misuse_and_not_network_trouble(int extraBytes)
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, File));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}", "{}"], extraBytes: extraBytes);
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var failure = await Assert.ThrowsAsync<OffpeakException>(() => provider.SubmitAsync(submission, default));
        Assert.Equal(OffpeakErrorCode.InvalidState, failure.Code);
    }
}
