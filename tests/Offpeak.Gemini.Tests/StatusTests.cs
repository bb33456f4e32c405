using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

public class StatusTests
{
    [Theory]
    [InlineData("BATCH_STATE_PENDING", ProviderBatchState.Running, true)]
    [InlineData("BATCH_STATE_RUNNING", ProviderBatchState.Running, true)]
    [InlineData("JOB_STATE_QUEUED", ProviderBatchState.Running, true)]
    [InlineData("JOB_STATE_RUNNING", ProviderBatchState.Running, true)]
    [InlineData("BATCH_STATE_SUCCEEDED", ProviderBatchState.Ended, true)]
    [InlineData("JOB_STATE_SUCCEEDED", ProviderBatchState.Ended, true)]
    [InlineData("JOB_STATE_PARTIALLY_SUCCEEDED", ProviderBatchState.Ended, true)]
    [InlineData("BATCH_STATE_FAILED", ProviderBatchState.Failed, true)]
    [InlineData("BATCH_STATE_CANCELLED", ProviderBatchState.Canceled, true)]
    [InlineData("BATCH_STATE_EXPIRED", ProviderBatchState.Expired, true)]
    [InlineData("expired", ProviderBatchState.Expired, true)]
    [InlineData("BATCH_STATE_UNSPECIFIED", ProviderBatchState.Running, false)]
    [InlineData("BATCH_STATE_PONDERING", ProviderBatchState.Running, false)]
    public async Task Words_are_understood_by_what_follows_their_mark(string word, ProviderBatchState state, bool isKnown)
    {
        var snapshot = await Status($$$"""{"name":"batches/b1","metadata":{"state":"{{{word}}}"},"done":true,"error":{"code":1,"message":"x"} }""");
        Assert.Equal((state, !isKnown, word), (snapshot.State, snapshot.StatusIsUnknown, snapshot.Status.Value));
    }

    [Theory]
    [InlineData("""{"name":"batches/b1"}""", ProviderBatchState.Running)]
    [InlineData("""{"name":"batches/b1","metadata":null,"done":false}""", ProviderBatchState.Running)]
    [InlineData("""{"done":true,"response":{"inlinedResponses":{"inlinedResponses":[{}]}}}""", ProviderBatchState.Ended)]
    [InlineData("""{"done":true,"error":{"code":1}}""", ProviderBatchState.Canceled)]
    [InlineData("""{"done":true,"error":{"code":13}}""", ProviderBatchState.Failed)]
    public async Task Without_a_word_the_operation_itself_tells(string json, ProviderBatchState state)
    {
        var snapshot = await Status(json);
        Assert.Equal((state, true), (snapshot.State, snapshot.StatusIsUnknown));
    }

    [Fact]
    public async Task Counts_are_text_and_zeros_are_left_out()
    {
        Assert.Equal(new(6, 0, 0), (await Status("""{"metadata":{"state":"BATCH_STATE_RUNNING","batchStats":{"requestCount":"6","pendingRequestCount":"6"}}}""")).Counts);
        Assert.Equal(new(6, 5, 1), (await Status("""{"metadata":{"batchStats":{"requestCount":"6","successfulRequestCount":"5","failedRequestCount":1}}}""")).Counts);
        Assert.Null((await Status("""{"metadata":{"batchStats":null}}""")).Counts);
    }

    [Theory]
    [InlineData("""{"code":8,"message":"x"}""", "capacity", "RESOURCE_EXHAUSTED", "x")]
    [InlineData("""{"code":429,"message":"x"}""", "capacity", "429", "x")]
    [InlineData("""{"message":"RESOURCE_EXHAUSTED: quota"}""", "capacity", null, "RESOURCE_EXHAUSTED: quota")]
    [InlineData("""{"code":3,"message":"bad line"}""", "refused", "INVALID_ARGUMENT", "bad line")]
    [InlineData("""{"code":13}""", "refused", "INTERNAL", "INTERNAL")]
    [InlineData("""{}""", "refused", null, "The provider gave no reason.")]
    public async Task A_failure_gets_its_class_and_words(string error, string expected, string? code, string message)
    {
        var failure = (await Status($$$"""{"metadata":{"state":"BATCH_STATE_FAILED"},"done":true,"error":{{{error}}}}""")).Failure!;
        Assert.Equal((expected, code, message), (failure.Class.Value, failure.Code, failure.Message));
    }

    [Theory]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED","batchStats":{"requestCount":"2"}},"done":true}""", false)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED","batchStats":{"requestCount":"0"}},"done":true}""", true)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED","output":{"inlinedResponses":{}}},"done":true}""", false)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED","output":{"inlinedResponses":{"inlinedResponses":[{}]}}}}""", true)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED"},"response":{"inlinedResponses":[{}]}}""", true)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED"},"response":{"responsesFile":"files/batch-b1"}}""", true)]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_EXPIRED"},"done":true}""", true)]
    public async Task Results_that_are_not_published_yet_are_waited_for(string json, bool ready) =>
        Assert.Equal(ready, (await Status(json)).ResultsReady);

    [Fact]
    public async Task Files_are_remembered_wherever_they_stand_and_never_forgotten()
    {
        const string Json = """
            {"metadata":{"state":"BATCH_STATE_SUCCEEDED","inputConfig":{"fileName":"files/in"},"output":{"responsesFile":"files/batch-b1"}}}
            """;
        var remembered = (await Status(Json)).Journal!;
        Assert.Equal(("files/in", "files/batch-b1"), (remembered["input_file"], remembered["output_file"]));
        remembered = (await Make.Provider(_ => StubHandler.AsJson("{}")).GetStatusAsync(Make.Batch(("input_file", "files/x")), default)).Journal!;
        Assert.Equal("files/x", remembered["input_file"]);
    }

    [Fact]
    public async Task Retry_after_is_passed_on_from_a_good_answer()
    {
        var provider = Make.Provider(_ =>
        {
            var answer = AsJson("{}");
            answer.Headers.Add("Retry-After", "10");
            return answer;
        });
        Assert.Equal(TimeSpan.FromSeconds(10), (await provider.GetStatusAsync(Make.Batch(), default)).RetryAfter);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"name":"b""")]
    [InlineData("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED"},"response":{"inlinedResponses":{"inlinedResponses":[{"a":1}]}}""")]
    public async Task An_answer_that_cannot_be_read_is_no_state(string body) =>
        Assert.Equal(ProviderErrorClass.Unexpected, (await Make.Failure(() => Status(body))).Class);

    [Fact]
    public async Task An_operation_without_an_end_is_given_up()
    {
        var provider = Make.Provider(_ => Bytes([.. "{\"x\":\""u8, .. Enumerable.Repeat((byte)'y', 9_000_000)]));
        Assert.Equal(ProviderErrorClass.Unexpected, (await Make.Failure(() => provider.GetStatusAsync(Make.Batch(), default))).Class);
    }

    private static Task<ProviderSnapshot> Status(string json) => Make.Provider(_ => AsJson(json)).GetStatusAsync(Make.Batch(), default);
}
