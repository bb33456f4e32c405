using Microsoft.Extensions.Time.Testing;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Anthropic.Tests;

/// <summary>The one create call: what it sends, and a class for every way it can end that is right about whether a batch can exist.</summary>
public class CreateTests : CreateOutcomeSuite
{
    private const string Made = """{"id":"msgbatch_1","type":"message_batch","processing_status":"in_progress"}""";

    protected override string Key => Make.Key;

    protected override string CreatePath => "/v1/messages/batches";

    protected override string Other => Made;

    protected override string BatchId => "msgbatch_1";

    [Fact]
    public async Task All_entries_go_in_one_document_of_known_length()
    {
        var handler = new StubHandler(_ => AsJson(Made));
        var submission = Make.Shard("""{"model":"é"}""", """{"model":"b"}""");
        var receipt = await Make.Provider(handler).SubmitAsync(submission, default);

        var call = Assert.Single(handler.Calls);
        Assert.Equal("POST /v1/messages/batches", call.ToString());
        Assert.Equal(
            """{"requests":[{"custom_id":"op-test-1","params":{"model":"é"}},{"custom_id":"op-test-2","params":{"model":"b"}}]}""", call.Text);
        Assert.Equal(call.Body.Length, call.ContentLength);
        Assert.Equal(("application/json", Make.Key, "2023-06-01"), (call.ContentType, call.Header("x-api-key"), call.Header("anthropic-version")));
        Assert.Equal(["begin"], submission.Log);
        Assert.Equal(("msgbatch_1", "in_progress"), (receipt.ProviderBatchId, receipt.Status.Value));
    }

    [Fact]
    public async Task What_another_attempt_journalled_changes_nothing()
    {
        var handler = new StubHandler(_ => AsJson(Made));
        var state = Journal.Empty.With("input_file_id", "file-1").With("results_url", "https://elsewhere.example/results");
        var receipt = await Make.Provider(handler).SubmitAsync(MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], state), default);
        Assert.Equal("msgbatch_1", receipt.ProviderBatchId);
        Assert.DoesNotContain("file-1", Assert.Single(handler.Calls).Text);
    }

    [Theory]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"requests.0.custom_id: no"}}""", "refused")]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}""", "unauthorized")]
    [InlineData(400, """{"type":"error","error":{"type":"billing_error","message":"pay"}}""", "unauthorized")]
    [InlineData(402, """{"type":"error","error":{"type":"billing_error","message":"pay"}}""", "unauthorized")]
    [InlineData(401, """{"type":"error","error":{"type":"authentication_error","message":"bad sk-ant-canary-0123456789abcdef"}}""", "unauthorized")]
    [InlineData(403, """{"type":"error","error":{"type":"permission_error","message":"no"}}""", "unauthorized")]
    [InlineData(413, "<html>too large</html>", "refused")]
    [InlineData(404, "", "unreachable")]
    [InlineData(429, """{"type":"error","error":{"type":"rate_limit_error","message":"queue full"}}""", "rate_limited")]
    [InlineData(429, "not json", "rate_limited")]
    [InlineData(408, "", "outcome_unknown")]
    [InlineData(409, "", "outcome_unknown")]
    [InlineData(500, """{"type":"error","error":{"type":"api_error","message":"x"}}""", "outcome_unknown")]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"x"}}""", "outcome_unknown")]
    [InlineData(502, "<html>bad gateway</html>", "outcome_unknown")]
    [InlineData(307, "", "refused")]
    [InlineData(200, "not json", "outcome_unknown")]
    [InlineData(200, """{"processing_status":"in_progress"}""", "outcome_unknown")]
    public async Task Answer_gets_its_class_after_one_request(int status, string body, string expected)
    {
        var handler = new StubHandler(_ => AsJson(body, status));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(expected, failure.Class.Value);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_refused_with_its_size()
    {
        var failure = await Make.Failure(() => Make.Provider(_ => AsJson("", 413)).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal("request_too_large", failure.ProviderCode);
        Assert.Contains("256 MB", failure.Message);
        Assert.Contains("52 bytes", failure.Message);
    }

    [Fact]
    public async Task What_is_certain_to_be_too_large_is_not_sent()
    {
        var handler = new StubHandler(_ => AsJson(Made));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], extraBytes: 256 * 1024 * 1024);
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(submission, default));
        Assert.Equal((ProviderErrorClass.Refused, "request_too_large"), (failure.Class, failure.ProviderCode));
        Assert.Empty(handler.Calls);
        Assert.Empty(submission.Log);
    }

    [Fact]
    public async Task The_wait_asked_for_is_kept()
    {
        var handler = new StubHandler(_ =>
        {
            var answer = AsJson("{}", 429);
            answer.Headers.Add("retry-after", "17");
            return answer;
        });
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal((TimeSpan.FromSeconds(17), 429), (failure.RetryAfter, failure.StatusCode));
    }

    [Fact]
    public async Task A_slow_upload_that_goes_on_is_never_given_up()
    {
        var time = new FakeTimeProvider();
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, Bodies(20));
        submission.BeforeEntry = () => time.Advance(TimeSpan.FromSeconds(50));
        var receipt = await Make.Provider(new StubHandler(_ => AsJson(Made)), time).SubmitAsync(submission, default);
        Assert.Equal("msgbatch_1", receipt.ProviderBatchId);
        Assert.True(time.GetUtcNow() - time.Start > TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Entries_that_do_not_add_up_are_no_open_outcome()
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, Made));
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, ["{}"], extraBytes: 10);
        var failure = await Make.Failure(() => At(server.Url).SubmitAsync(submission, default));
        Assert.Equal(ProviderErrorClass.Unexpected, failure.Class);
        Assert.Contains("do not add up", failure.Message);
        Assert.Empty(server.Calls);
    }

    protected override IBatchProvider NewProvider(Action<HttpProviderOptions> configure, HttpMessageHandler? handler, TimeProvider? time) =>
        Make.Provider(handler, time, configure);

    protected override MemorySubmission Shard() => Make.Shard("{}");

    private static AnthropicBatchProvider At(string url) => Make.Provider(configure: options => options.BaseUrl = url);

    private static string[] Bodies(int count) => [.. Enumerable.Repeat(new string('1', 70_000), count)];
}
