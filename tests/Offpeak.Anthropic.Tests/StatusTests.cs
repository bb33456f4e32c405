using Offpeak.Anthropic.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Anthropic.Tests;

public class StatusTests
{
    private const string Url = "\"https://api.anthropic.com/v1/messages/batches/msgbatch_1/results\"";

    [Theory]
    [InlineData("in_progress", "null", 0, 0, ProviderBatchState.Running)]
    [InlineData("canceling", "\"2026-08-19T14:44:51.493319+00:00\"", 0, 0, ProviderBatchState.Running)]
    [InlineData("ended", "null", 0, 0, ProviderBatchState.Ended)]
    [InlineData("ended", "\"2026-08-19T14:44:51.493319+00:00\"", 0, 0, ProviderBatchState.Ended)]
    [InlineData("ended", "\"2026-08-19T14:44:51.493319+00:00\"", 1, 0, ProviderBatchState.Canceled)]
    [InlineData("ended", "\"2026-08-19T14:44:51.493319+00:00\"", 1, 1, ProviderBatchState.Canceled)]
    [InlineData("ended", "null", 0, 3, ProviderBatchState.Expired)]
    public async Task The_reason_of_an_end_is_told_by_cancel_and_counts(
        string status, string cancelled, int canceled, int expired, ProviderBatchState expected)
    {
        var snapshot = await Read($$$"""
            {"id":"msgbatch_1","processing_status":"{{{status}}}","cancel_initiated_at":{{{cancelled}}},"results_url":{{{Url}}},
            "request_counts":{"processing":0,"succeeded":2,"errored":1,"canceled":{{{canceled}}},"expired":{{{expired}}}}}
            """);
        Assert.Equal((expected, status, false), (snapshot.State, snapshot.Status.Value, snapshot.StatusIsUnknown));
        Assert.Equal(new ProviderCounts(3 + canceled + expired, 2, 1), snapshot.Counts);
        Assert.Null(snapshot.Journal);
    }

    [Fact]
    public async Task An_unknown_word_counts_as_running()
    {
        var snapshot = await Read("""{"processing_status":"pondering","request_counts":null}""");
        Assert.Equal((ProviderBatchState.Running, true), (snapshot.State, snapshot.StatusIsUnknown));
        Assert.Null(snapshot.Counts);
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("\"\"", false)]
    [InlineData(Url, true)]
    [InlineData("\"https://elsewhere.example/results\"", true)]
    public async Task Results_are_ready_once_their_url_is_there(string url, bool ready) =>
        Assert.Equal(ready, (await Read($$"""{"processing_status":"ended","results_url":{{url}}}""")).ResultsReady);

    [Fact]
    public async Task A_wait_asked_for_on_a_good_answer_is_kept()
    {
        var provider = Make.Provider(_ =>
        {
            var answer = AsJson("""{"processing_status":"in_progress"}""");
            answer.Headers.Add("Retry-After", "10");
            return answer;
        });
        Assert.Equal(TimeSpan.FromSeconds(10), (await provider.GetStatusAsync(Make.Batch(), default)).RetryAfter);
    }

    [Theory]
    [InlineData(404, "", "not_found")]
    [InlineData(401, "", "unauthorized")]
    [InlineData(429, "", "rate_limited")]
    [InlineData(500, "", "transient")]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"x"}}""", "transient")]
    [InlineData(301, "", "refused")]
    [InlineData(200, "<html>", "unexpected")]
    public async Task A_failed_read_gets_its_class(int status, string body, string expected) =>
        Assert.Equal(expected, (await Make.Failure(() => Make.Provider(_ => AsJson(body, status)).GetStatusAsync(Make.Batch(), default))).Class.Value);

    [Theory]
    [InlineData(400, "ended", true)]
    [InlineData(409, "ended", true)]
    [InlineData(400, "in_progress", false)]
    [InlineData(500, "ended", false)]
    [InlineData(404, "ended", false)]
    public async Task A_refused_cancel_is_fine_only_if_the_batch_has_ended(int status, string processing, bool isFine)
    {
        var provider = Make.Provider(call => call.Method == "POST"
            ? AsJson("""{"type":"error","error":{"type":"invalid_request_error","message":"no"}}""", status)
            : AsJson($$"""{"processing_status":"{{processing}}"}"""));
        if (isFine)
            await provider.CancelAsync(Make.Batch(), default);
        else
            Assert.Equal(status, (await Make.Failure(() => provider.CancelAsync(Make.Batch(), default))).StatusCode);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    [InlineData(400, false)]
    [InlineData(500, false)]
    public async Task Clean_up_deletes_the_batch_once(int status, bool isFine)
    {
        var handler = new StubHandler(_ => AsJson("{}", status));
        if (isFine)
            await Make.Provider(handler).CleanUpAsync(Make.Batch(), default);
        else
            await Make.Failure(() => Make.Provider(handler).CleanUpAsync(Make.Batch(), default));
        Assert.Equal("DELETE /v1/messages/batches/msgbatch_1", Assert.Single(handler.Calls).ToString());
    }

    [Fact]
    public async Task Without_a_key_nothing_is_sent()
    {
        var handler = new StubHandler(_ => AsJson("{}"));
        var provider = Make.Provider(handler, configure: options => options.ApiKey = null);
        var failure = await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default));
        Assert.Equal(ProviderErrorClass.Unauthorized, failure.Class);
        Assert.Contains("ANTHROPIC_API_KEY", failure.Message);
        Assert.Empty(handler.Calls);
    }

    private static Task<ProviderSnapshot> Read(string body) => Make.Provider(_ => AsJson(body)).GetStatusAsync(Make.Batch(), default);
}
