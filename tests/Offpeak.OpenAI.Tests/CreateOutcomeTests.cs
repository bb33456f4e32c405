using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

/// <summary>Every way the create call can end: one request on the wire, and a class that is right about whether a batch can exist.</summary>
public class CreateOutcomeTests
{
    private const string File = """{"id":"file-1","status":"processed"}""";

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

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "unreachable")]
    [InlineData(HttpRequestError.NameResolutionError, "unreachable")]
    [InlineData(HttpRequestError.SecureConnectionError, "unreachable")]
    [InlineData(HttpRequestError.ResponseEnded, "outcome_unknown")]
    [InlineData(HttpRequestError.InvalidResponse, "outcome_unknown")]
    [InlineData(HttpRequestError.Unknown, "outcome_unknown")]
    public async Task Network_failure_gets_its_class(HttpRequestError error, string expected)
    {
        var handler = new StubHandler(call => call.Path == "/v1/files" ? AsJson(File) : throw new HttpRequestException(error, "boom"));
        var failure = await Make.Failure(() => Make.Provider(handler).SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(expected, failure.Class.Value);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task Time_limit_of_the_create_call_makes_the_outcome_unknown()
    {
        var time = new FakeTimeProvider();
        var sent = new TaskCompletionSource();
        var handler = new StubHandler(async (call, cancel) =>
        {
            if (call.Path == "/v1/files")
                return AsJson(File);
            sent.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            throw new InvalidOperationException();
        });
        var submitting = Make.Provider(handler, time, options => options.CreateTimeout = TimeSpan.FromSeconds(60))
            .SubmitAsync(Make.Shard("{}"), default);
        await sent.Task;
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(submitting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => submitting)).Class);
        Assert.Single(handler.Creates);
    }

    [Fact]
    public async Task Cancelling_after_the_create_was_sent_makes_the_outcome_unknown()
    {
        using var cancel = new CancellationTokenSource();
        var handler = new StubHandler(async (call, token) =>
        {
            if (call.Path == "/v1/files")
                return AsJson(File);
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
        var handler = new StubHandler(_ => AsJson(File));
        var submission = Make.Shard("{}");
        submission.OnBeginCreate = cancel.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Make.Provider(handler).SubmitAsync(submission, cancel.Token));
        Assert.Equal("begin", submission.Log[^1]);
        Assert.Empty(handler.Creates);
    }

    [Fact]
    public async Task A_connection_dropped_after_the_create_arrived_is_not_tried_again()
    {
        await using var server = await LocalServer.StartAsync((context, call) =>
        {
            if (call.Path == "/files")
                return LocalServer.WriteJsonAsync(context, File);
            context.Abort();
            return Task.CompletedTask;
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(["POST /files", "POST /batches"], server.Calls.Select(call => call.ToString()));
    }

    [Fact]
    public async Task A_reply_cut_off_in_its_body_makes_the_outcome_unknown()
    {
        await using var server = await LocalServer.StartAsync(async (context, call) =>
        {
            if (call.Path == "/files")
            {
                await LocalServer.WriteJsonAsync(context, File);
                return;
            }

            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{\"id\":\"batch_1\"");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(2, server.Calls.Count);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_no_key_leaves()
    {
        await using var elsewhere = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, """{"id":"stolen"}"""));
        await using var server = await LocalServer.StartAsync((context, call) =>
        {
            if (call.Path == "/files")
                return LocalServer.WriteJsonAsync(context, File);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = elsewhere.Url + "/batches";
            return Task.CompletedTask;
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(ProviderErrorClass.Refused, failure.Class);
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
        using var server = new ClosingServer(File);
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var failure = await Make.Failure(() => provider.SubmitAsync(Make.Shard("{}"), default));

        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(["POST /files", "POST /batches"], server.RequestLines);
    }
}
