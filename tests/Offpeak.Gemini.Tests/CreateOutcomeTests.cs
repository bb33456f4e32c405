using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

/// <summary>Every way the create call can end: one request on the wire, and a class that is right about whether a batch can exist.</summary>
public class CreateOutcomeTests : CreateOutcomeSuite
{
    protected override string Key => Make.Key;

    protected override string CreatePath => ":batchGenerateContent";

    protected override string Other => """{"name":"batches/b1"}""";

    protected override string BatchId => "batches/b1";

    [Theory]
    [InlineData(400, """{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}""", "refused")]
    [InlineData(400, """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}""", "unauthorized")]
    [InlineData(400, """{"error":{"code":400,"message":"renew","status":"INVALID_ARGUMENT","details":[{"@type":"x"},{"reason":"API_KEY_INVALID"}]}}""", "unauthorized")]
    [InlineData(429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED"}}""", "capacity")]
    [InlineData(429, "not json", "rate_limited")]
    [InlineData(401, "", "unauthorized")]
    [InlineData(403, "", "unauthorized")]
    [InlineData(404, """{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}""", "refused")]
    [InlineData(413, "", "refused")]
    [InlineData(408, "", "outcome_unknown")]
    [InlineData(409, "", "outcome_unknown")]
    [InlineData(500, "", "outcome_unknown")]
    [InlineData(503, """{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}""", "outcome_unknown")]
    [InlineData(504, "", "outcome_unknown")]
    [InlineData(307, "", "refused")]
    [InlineData(303, "", "outcome_unknown")]
    [InlineData(200, "not json", "outcome_unknown")]
    [InlineData(200, "", "outcome_unknown")]
    [InlineData(200, """{"metadata":{"state":"BATCH_STATE_PENDING"}}""", "outcome_unknown")]
    [InlineData(200, """{"name":""}""", "outcome_unknown")]
    public async Task Answer_gets_its_class_after_one_request(int status, string body, string expected)
    {
        var handler = new StubHandler(_ => AsJson(body, status));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(expected, failure.Class.Value);
        Assert.Single(handler.Calls);
    }

    [Theory]
    [InlineData("34s", 34.0)]
    [InlineData("1.5s", 1.5)]
    [InlineData("soon", null)]
    public async Task The_wait_in_the_details_is_kept(string delay, double? seconds)
    {
        var handler = new StubHandler(_ => AsJson(
            $$$"""{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{{delay}}}"}]}}""",
            429));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(ProviderErrorClass.Capacity, failure.Class);
        Assert.Equal(seconds, failure.RetryAfter?.TotalSeconds);
        Assert.Equal((429, "RESOURCE_EXHAUSTED"), (failure.StatusCode, failure.ProviderCode));
    }

    protected override IBatchProvider NewProvider(Action<HttpProviderOptions> configure, HttpMessageHandler? handler, TimeProvider? time) =>
        Make.Provider(handler, time, configure);

    protected override MemorySubmission Shard() => Make.Shard("{}");
}
