using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

public class StatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("validating", ProviderBatchState.Running)]
    [InlineData("in_progress", ProviderBatchState.Running)]
    [InlineData("IN_PROGRESS", ProviderBatchState.Running)]
    [InlineData("InProgress", ProviderBatchState.Running)]
    [InlineData("finalizing", ProviderBatchState.Running)]
    [InlineData("cancelling", ProviderBatchState.Running)]
    [InlineData("CANCELING", ProviderBatchState.Running)]
    [InlineData("completed", ProviderBatchState.Ended)]
    [InlineData("Completed", ProviderBatchState.Ended)]
    [InlineData("expired", ProviderBatchState.Expired)]
    [InlineData("EXPIRED", ProviderBatchState.Expired)]
    [InlineData("cancelled", ProviderBatchState.Canceled)]
    [InlineData("Canceled", ProviderBatchState.Canceled)]
    [InlineData("failed", ProviderBatchState.Failed)]
    [InlineData("Failed", ProviderBatchState.Failed)]
    public async Task Known_words_are_read_in_any_case(string word, ProviderBatchState expected)
    {
        var snapshot = await Ask($$"""{"id":"batch_1","status":"{{word}}"}""");
        Assert.Equal(expected, snapshot.State);
        Assert.Equal(word, snapshot.Status.Value);
        Assert.False(snapshot.StatusIsUnknown);
    }

    [Theory]
    [InlineData("\"paused_for_review\"", "paused_for_review")]
    [InlineData("null", null)]
    [InlineData("{}", null)]
    [InlineData("17", "17")]
    [InlineData("\"\\ud800\"", null)]
    public async Task Unknown_words_count_as_running(string json, string? raw)
    {
        var snapshot = await Ask($$"""{"id":"batch_1","status":{{json}}}""");
        Assert.Equal(ProviderBatchState.Running, snapshot.State);
        Assert.Equal(raw, snapshot.Status.Value);
        Assert.True(snapshot.StatusIsUnknown);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"status":[],"request_counts":7,"errors":"x","metadata":[1],"output_file_id":{},"created_at":"never"}""")]
    [InlineData("""{"status":"completed","request_counts":{"total":"many","completed":null,"failed":[]},"error_file_id":false}""")]
    [InlineData("""{"status":"failed","errors":{"data":[7]}}""")]
    [InlineData("""{"status":"failed","errors":{"data":[]}}""")]
    [InlineData("""{"status":"failed","errors":[[]]}""")]
    [InlineData("""{"status":"failed","errors":{"data":{"message":5,"line":"x"}}}""")]
    [InlineData("""{"status":"completed","created_at":1e300,"request_counts":{"total":1e300}}""")]
    public async Task Wrong_types_do_not_throw(string json) => Assert.NotNull(await Ask(json));

    [Fact]
    public async Task Counts_are_read_and_may_be_null()
    {
        Assert.Equal(new ProviderCounts(10, 1, 0), (await Ask("""{"status":"expired","request_counts":{"total":10,"completed":1,"failed":0}}""")).Counts);
        Assert.Equal(new ProviderCounts(null, null, 3), (await Ask("""{"status":"x","request_counts":{"total":null,"failed":"3"}}""")).Counts);
        Assert.Null((await Ask("""{"status":"x","request_counts":null}""")).Counts);
    }

    [Theory]
    [InlineData("""{"status":"completed","output_file_id":null,"error_file_id":null,"request_counts":{"total":9}}""", false)]
    [InlineData("""{"status":"completed","output_file_id":"","error_file_id":"","request_counts":{"total":9}}""", false)]
    [InlineData("""{"status":"completed"}""", false)]
    [InlineData("""{"status":"completed","request_counts":{"total":0}}""", true)]
    [InlineData("""{"status":"completed","output_file_id":null,"error_file_id":"e","request_counts":{"total":9,"completed":0,"failed":9}}""", true)]
    [InlineData("""{"status":"completed","output_file_id":"o","request_counts":{"total":9}}""", true)]
    [InlineData("""{"status":"cancelled","request_counts":{"total":9}}""", true)]
    [InlineData("""{"status":"expired","request_counts":{"total":9}}""", true)]
    public async Task Completed_without_files_is_not_ready(string json, bool ready) => Assert.Equal(ready, (await Ask(json)).ResultsReady);

    [Fact]
    public async Task File_ids_are_remembered_and_empty_ones_change_nothing()
    {
        var provider = Make.Provider(_ => AsJson("""{"status":"expired","input_file_id":"i","output_file_id":"o","error_file_id":""}"""));
        var journal = (await provider.GetStatusAsync(Make.Batch(("error_file_id", "e"), ("other", "kept")), default)).Journal!;
        Assert.Equal("i", journal["input_file_id"]);
        Assert.Equal("o", journal["output_file_id"]);
        Assert.Equal("e", journal["error_file_id"]);
        Assert.Equal("kept", journal["other"]);
    }

    [Theory]
    [InlineData("""{"object":"list","data":[{"code":"invalid_json_line","message":"This line is not parseable.","line":3},{"code":"b"}]}""",
        "refused", "invalid_json_line", "Line 3: This line is not parseable.")]
    [InlineData("""{"data":[{"code":"token_limit_exceeded","message":"Enqueued token limit reached for gpt-4.1","line":null}]}""",
        "capacity", "token_limit_exceeded", "Enqueued token limit reached for gpt-4.1")]
    [InlineData("""{"data":[{"code":null,"message":"The number of enqueued tokens has surpassed the configured limit of 30K"}]}""",
        "capacity", null, "The number of enqueued tokens has surpassed the configured limit of 30K")]
    [InlineData("""[{"code":"model_not_found"}]""", "refused", "model_not_found", "model_not_found")]
    [InlineData("null", "refused", null, "The provider gave no reason.")]
    [InlineData("\"out of luck, key sk-canary-0123456789abcdef\"", "refused", null, "out of luck, key [key]")]
    public async Task Failure_says_why(string errors, string errorClass, string? code, string message)
    {
        var failure = (await Ask($$"""{"status":"failed","errors":{{errors}}}""")).Failure!;
        Assert.Equal(errorClass, failure.Class.Value);
        Assert.Equal(code, failure.Code);
        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public async Task Only_a_failed_batch_has_a_failure() =>
        Assert.Null((await Ask("""{"status":"completed","errors":{"data":[{"code":"x"}]}}""")).Failure);

    [Theory]
    [InlineData("Retry-After", "10", 10d)]
    [InlineData("Retry-After", "Fri, 02 Jan 2026 03:04:35 GMT", 30d)]
    [InlineData("Retry-After", "Fri, 02 Jan 2026 03:00:00 GMT", 0d)]
    [InlineData("retry-after-ms", "1500", 1.5d)]
    [InlineData("Retry-After", "soon", null)]
    public async Task Retry_after_on_a_200_is_kept(string header, string value, double? seconds)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now);
        var provider = Make.Provider(new StubHandler(_ =>
        {
            var answer = AsJson("""{"status":"in_progress"}""");
            answer.Headers.TryAddWithoutValidation(header, value);
            return answer;
        }), time);
        var snapshot = await provider.GetStatusAsync(Make.Batch(), default);
        Assert.Equal(seconds, snapshot.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData(404, "not_found")]
    [InlineData(401, "unauthorized")]
    [InlineData(403, "unauthorized")]
    [InlineData(408, "transient")]
    [InlineData(409, "transient")]
    [InlineData(429, "rate_limited")]
    [InlineData(400, "refused")]
    [InlineData(302, "refused")]
    [InlineData(500, "transient")]
    [InlineData(503, "transient")]
    public async Task Error_answers_get_their_class(int status, string expected)
    {
        var provider = Make.Provider(_ => AsJson("""{"error":{"message":"because"}}""", status));
        var failure = await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default));
        Assert.Equal(expected, failure.Class.Value);
        Assert.Equal(status, failure.StatusCode);
        Assert.EndsWith(".", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task An_answer_that_is_no_batch_is_unexpected(string body)
    {
        var failure = await Make.Failure(() => Make.Provider(_ => AsJson(body)).GetStatusAsync(Make.Batch(), default));
        Assert.Equal(ProviderErrorClass.Unexpected, failure.Class);
    }

    [Fact]
    public async Task Time_limit_of_a_read_is_transient_and_cancelling_stays_cancelling()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now);
        var sent = new TaskCompletionSource();
        var provider = Make.Provider(new StubHandler(async (_, token) =>
        {
            sent.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            throw new InvalidOperationException();
        }), time);
        var asking = provider.GetStatusAsync(Make.Batch(), default);
        await sent.Task;
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(() => asking)).Class);

        using var cancel = new CancellationTokenSource();
        var cancelled = provider.GetStatusAsync(Make.Batch(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Fact]
    public async Task The_id_stays_within_its_place_in_the_path()
    {
        var handler = new StubHandler(_ => AsJson("{}"));
        await Make.Provider(handler).GetStatusAsync(Make.Batch() with { ProviderBatchId = "a/../b?c#d" }, default);
        Assert.Equal("/v1/batches/a%2F..%2Fb%3Fc%23d", handler.Calls[0].Path);
    }

    private static Task<ProviderSnapshot> Ask(string json) => Make.Provider(_ => AsJson(json)).GetStatusAsync(Make.Batch(), default);
}
