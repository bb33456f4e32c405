using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

/// <summary>Every way the create call can end: one request on the wire, and a class that is right about whether a batch can exist.</summary>
public class CreateOutcomeTests : CreateOutcomeSuite
{
    private const string File = """{"id":"file-1","status":"processed"}""";

    protected override string Key => Make.Key;

    protected override string CreatePath => "/batches";

    protected override string Other => File;

    protected override string BatchId => "batch_1";

    protected override bool UploadsFirst => true;

    [Theory]
    [InlineData(400, """{"error":{"message":"bad window","code":"invalid_request"}}""", "refused")]
    [InlineData(400, """{"error":{"message":"Enqueued token limit reached for gpt in organization org-x.","code":null}}""", "capacity")]
    [InlineData(400, """{"error":{"message":"x","code":"token_limit_exceeded"}}""", "capacity")]
    [InlineData(429, """{"error":{"message":"x","code":"token_limit_exceeded"}}""", "capacity")]
    [InlineData(429, """{"error":{"message":"slow down","type":"requests"}}""", "rate_limited")]
    [InlineData(429, "not json", "rate_limited")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-canary-0123456789abcdef"}}""", "unauthorized")]
    [InlineData(403, "", "unauthorized")]
    [InlineData(404, "", "unreachable")]
    [InlineData(413, "", "refused")]
    [InlineData(422, """{"error":"just text"}""", "refused")]
    [InlineData(408, "", "outcome_unknown")]
    [InlineData(409, "", "outcome_unknown")]
    [InlineData(500, "", "outcome_unknown")]
    [InlineData(502, "<html>bad gateway</html>", "outcome_unknown")]
    [InlineData(503, """{"error":{"code":"token_limit_exceeded"}}""", "outcome_unknown")]
    [InlineData(504, "", "outcome_unknown")]
    [InlineData(301, "", "refused")]
    [InlineData(307, "", "refused")]
    [InlineData(303, "", "outcome_unknown")]
    [InlineData(200, "not json", "outcome_unknown")]
    [InlineData(200, "", "outcome_unknown")]
    [InlineData(200, """{"status":"validating"}""", "outcome_unknown")]
    [InlineData(202, """{"id":""}""", "outcome_unknown")]
    public async Task Answer_gets_its_class_after_one_request(int status, string body, string expected)
    {
        var handler = new StubHandler(call => call.Path == "/v1/files" ? AsJson(File) : AsJson(body, status));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(expected, failure.Class.Value);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task Retry_after_of_a_refused_create_is_kept()
    {
        var handler = new StubHandler(call =>
        {
            if (call.Path == "/v1/files")
                return AsJson(File);
            var answer = AsJson("{}", 429);
            answer.Headers.Add("Retry-After", "17");
            return answer;
        });
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(TimeSpan.FromSeconds(17), failure.RetryAfter);
        Assert.Equal(429, failure.StatusCode);
    }

    protected override IBatchProvider NewProvider(Action<HttpProviderOptions> configure, HttpMessageHandler? handler, TimeProvider? time) =>
        Make.Provider(handler, time, configure);

    protected override MemorySubmission Shard() => Make.Shard("{}");
}
