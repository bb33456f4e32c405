using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

/// <summary>Every way the create call can end: one request on the wire, and a class that is right about whether a batch can exist.</summary>
public class CreateOutcomeTests
{
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

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "unreachable")]
    [InlineData(HttpRequestError.NameResolutionError, "unreachable")]
    [InlineData(HttpRequestError.SecureConnectionError, "unreachable")]
    [InlineData(HttpRequestError.ResponseEnded, "outcome_unknown")]
    [InlineData(HttpRequestError.Unknown, "outcome_unknown")]
    public async Task Network_failure_gets_its_class(HttpRequestError error, string expected)
    {
        var handler = new StubHandler(_ => throw new HttpRequestException(error, "boom"));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(expected, failure.Class.Value);
        Assert.Single(handler.Calls);
    }

    [Fact]
    public async Task Silence_after_an_inline_create_makes_the_outcome_unknown()
    {
        var time = new FakeTimeProvider();
        var sent = new TaskCompletionSource();
        var handler = new StubHandler(async (_, cancel) =>
        {
            sent.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            throw new InvalidOperationException();
        });
        var submitting = Make.Provider(handler, time, options => options.TransferIdleTimeout = TimeSpan.FromSeconds(60))
            .SubmitAsync(Make.Shard("{}"), default);
        await sent.Task;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(submitting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => submitting)).Class);
        Assert.Single(handler.Calls);
    }

    [Fact]
    public async Task Cancelling_after_the_create_was_sent_makes_the_outcome_unknown()
    {
        using var cancel = new CancellationTokenSource();
        var handler = new StubHandler(async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException();
        });
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), cancel.Token));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
    }

    [Fact]
    public async Task Cancelling_right_before_the_create_sends_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var handler = new StubHandler(_ => AsJson("{}"));
        var submission = Make.Shard("{}");
        submission.OnBeginCreate = cancel.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Make.Provider(handler).SubmitAsync(submission, cancel.Token));
        Assert.Equal("begin", submission.Log[^1]);
        Assert.Empty(handler.Calls);
    }

    [Fact]
    public async Task A_reply_cut_off_in_its_body_makes_the_outcome_unknown()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{\"name\":\"batches/b1\"");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default))).Class);
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_no_key_leaves()
    {
        await using var elsewhere = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, """{"name":"stolen"}"""));
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.Url + "/v1beta/batches";
            return Task.CompletedTask;
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        Assert.Equal(ProviderErrorClass.Refused, (await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default))).Class);
        Assert.Equal(ProviderErrorClass.Refused, (await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default))).Class);
        Assert.Empty(elsewhere.Calls);
    }

    [Fact]
    public async Task A_refused_connection_is_unreachable()
    {
        await using var server = await LocalServer.StartAsync((_, _) => Task.CompletedTask);
        var url = server.Url;
        await server.DisposeAsync();
        var provider = Make.Provider(configure: options => options.BaseUrl = url);
        Assert.Equal(ProviderErrorClass.Unreachable, (await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default))).Class);
        Assert.Equal(ProviderErrorClass.Unreachable, (await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default))).Class);
    }

    [Fact]
    public async Task A_kept_alive_connection_closed_in_good_order_is_not_tried_again()
    {
        using var server = new ClosingServer("""{"name":"batches/b1"}""");
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        await provider.GetStatusAsync(Make.Batch(), default);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(["GET /v1beta/batches/b1", "POST /v1beta/models/gemini-2.5-flash:batchGenerateContent"], server.RequestLines);
    }
}
