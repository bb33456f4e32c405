using System.Text;
using Offpeak.Anthropic.Tests.Codec;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Anthropic.Tests.Results;

/// <summary>One line of results of each kind, and lines as they should not be.</summary>
public class ResultTests
{
    [Fact]
    public async Task A_message_is_taken_with_its_usage_and_reason()
    {
        var result = await ReadOne($$$"""{"custom_id":"op-test-1","result":{"type":"succeeded","message":{{{DecodeTests.Plain}}}}}""");
        Assert.Equal((ProviderResultKind.Succeeded, "op-test-1", 1L), (result.Kind, result.WireId, result.Line));
        Assert.Equal(DecodeTests.Plain, Encoding.UTF8.GetString(result.Body.Span));
        Assert.Equal(new TokenUsage(17, 4, 5, 0, 3), result.Usage);
        Assert.Equal(("stop", "claude-test-1"), (result.FinishReason, result.Model));
        Assert.Null(result.ErrorCode);
    }

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("model_context_window_exceeded", "length")]
    [InlineData("tool_use", "tool_calls")]
    [InlineData("refusal", "refusal")]
    [InlineData("pause_turn", "pause_turn")]
    public async Task Stop_reasons_are_said_in_the_engines_words(string word, string expected) => Assert.Equal(
        expected,
        (await ReadOne($$$"""{"custom_id":"a","result":{"message":{"content":[],"stop_reason":"{{{word}}}"},"type":"succeeded"}}""")).FinishReason);

    [Theory]
    [InlineData("""{"content":[],"stop_reason":"refusal"}""", "The model refused to answer.")]
    [InlineData("""{"content":[{"type":"text","text":"Well, first"}],"stop_reason":"refusal","stop_details":null}""", "The model refused to answer.")]
    [InlineData("""{"stop_details":{"type":"refusal","category":"cyber","explanation":"Not that."},"content":[],"stop_reason":"refusal"}""", "Not that.")]
    public async Task A_refusal_is_a_failure_in_the_models_own_words_and_stays_paid(string message, string words)
    {
        var paid = """{"usage":{"input_tokens":3,"output_tokens":2},""" + message[1..];
        var result = await ReadOne($$$"""{"custom_id":"a","result":{"type":"succeeded","message":{{{paid}}} } }""");
        Assert.Equal((ProviderResultKind.Failed, "refused", words, false), (result.Kind, result.ErrorCode, result.ErrorMessage, result.IsPassing));
        Assert.Equal(("refusal", new TokenUsage(3, 0, 2), paid), (result.FinishReason, result.Usage, Encoding.UTF8.GetString(result.Body.Span)));
    }

    [Theory]
    [InlineData("[]", true)]
    [InlineData("""[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"}]""", true)]
    [InlineData("""[{"type":"text","text":"\n "}]""", true)]
    [InlineData("""[{"text":"x","type":"text"}]""", false)]
    [InlineData("""[{"type":"tool_use","id":"t","name":"f","input":{}}]""", false)]
    [InlineData("""[{"type":"brand_new"}]""", false)]
    public async Task A_message_without_anything_but_thoughts_is_empty(string content, bool isEmpty) => Assert.Equal(
        isEmpty, (await ReadOne($$$$"""{"custom_id":"a","result":{"type":"succeeded","message":{"content":{{{{content}}}},"stop_reason":"end_turn"}}}""")).IsEmpty);

    [Theory]
    [InlineData("rate_limit_error", true)]
    [InlineData("api_error", true)]
    [InlineData("overloaded_error", true)]
    [InlineData("timeout_error", true)]
    [InlineData("invalid_request_error", false)]
    [InlineData("authentication_error", false)]
    [InlineData("permission_error", false)]
    [InlineData("not_found_error", false)]
    [InlineData("billing_error", false)]
    [InlineData("brand_new_error", false)]
    public async Task An_error_is_read_inside_its_envelope(string type, bool passing)
    {
        var envelope = $$"""{"type":"error","error":{"type":"{{type}}","message":"why é"},"request_id":null}""";
        var result = await ReadOne($$$"""{"custom_id":"a","result":{"type":"errored","error":{{{envelope}}}}}""");
        Assert.Equal((ProviderResultKind.Failed, type, "why é", passing), (result.Kind, result.ErrorCode, result.ErrorMessage, result.IsPassing));
        Assert.Equal(envelope, Encoding.UTF8.GetString(result.Body.Span));
    }

    [Theory]
    [InlineData("""{"type":"errored","error":{"type":"api_error","message":"flat"}}""", "api_error", "flat", true)]
    [InlineData("""{"type":"errored","error":"just text"}""", "errored", "just text", false)]
    [InlineData("""{"type":"errored"}""", "errored", "The provider gave no reason.", true)]
    [InlineData("""{"type":"succeeded"}""", "succeeded", "The provider answered without a message.", true)]
    [InlineData("""{"type":"succeeded","message":null}""", "succeeded", "The provider answered without a message.", true)]
    [InlineData("""{"type":"brand_new"}""", "brand_new", "The provider gave a result of an unknown type.", false)]
    [InlineData("null", null, "The provider gave a result of an unknown type.", false)]
    public async Task Odd_results_are_failures_with_a_reason(string result, string? code, string message, bool passing)
    {
        var read = await ReadOne($$"""{"custom_id":"a","result":{{result}}}""");
        Assert.Equal((ProviderResultKind.Failed, code, message, passing), (read.Kind, read.ErrorCode, read.ErrorMessage, read.IsPassing));
    }

    [Theory]
    [InlineData("canceled", ProviderResultKind.Canceled)]
    [InlineData("expired", ProviderResultKind.Expired)]
    public async Task What_never_ran_has_no_error(string type, ProviderResultKind kind)
    {
        var result = await ReadOne($$$"""{"result":{"type":"{{{type}}}"},"custom_id":"a"}""");
        Assert.Equal((kind, "a", false), (result.Kind, result.WireId, result.IsPassing));
        Assert.Null(result.ErrorCode);
        Assert.True(result.Body.IsEmpty);
    }

    [Fact]
    public async Task No_key_is_repeated_in_a_message()
    {
        var result = await ReadOne($$$$$"""{"custom_id":"a","result":{"type":"errored","error":{"error":{"type":"x","message":"bad {{{{{Make.Key}}}}}"}}}}""");
        Assert.Equal("bad [key]", result.ErrorMessage);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"custom_id":7,"result":{"type":"expired"}}""")]
    [InlineData("""{"custom_id":"","result":{"type":"expired"}}""")]
    [InlineData("""{"custom_id":"a","result":{"type":"expired"}} {}""")]
    public async Task A_line_that_cannot_be_read_is_delivered_as_such(string line)
    {
        var results = await Read(line + "\n" + """{"custom_id":"b","result":{"type":"expired"}}""" + "\n");
        Assert.Equal([ProviderResultKind.Malformed, ProviderResultKind.Expired], results.Select(result => result.Kind));
        Assert.Equal([1L, 2L], results.Select(result => result.Line));
        Assert.False(results[0].IsTorn);
    }

    [Fact]
    public async Task A_last_line_that_breaks_off_is_torn()
    {
        var results = await Read("""{"custom_id":"b","result":{"type":"expired"}}""" + "\n" + """{"custom_id":"c","res""");
        Assert.Equal((ProviderResultKind.Malformed, true), (results[1].Kind, results[1].IsTorn));
    }

    [Fact]
    public async Task A_line_over_the_limit_is_malformed_and_the_next_one_read()
    {
        var provider = Make.Provider(
            new StubHandler(_ => Bytes(Encoding.UTF8.GetBytes(new string('x', 2_000) + "\n" + """{"custom_id":"b","result":{"type":"expired"}}"""))),
            configure: options => options.MaxResultLineBytes = 1_000);
        var results = await provider.ReadResultsAsync(Make.Batch(), default).ToListAsync();
        Assert.Equal([ProviderResultKind.Malformed, ProviderResultKind.Expired], results.Select(result => result.Kind));
    }

    [Fact]
    public async Task Results_are_asked_for_by_id_and_no_url_is_followed()
    {
        var handler = new StubHandler(_ => Bytes([]));
        var batch = Make.Batch(("results_url", "https://elsewhere.example/results"));
        Assert.Empty(await Make.Provider(handler).ReadResultsAsync(batch, default).ToListAsync());
        var call = Assert.Single(handler.Calls);
        Assert.Equal(("GET /v1/messages/batches/msgbatch_1/results", Make.Key), (call.ToString(), call.Header("x-api-key")));
    }

    [Theory]
    [InlineData(404, "not_found")]
    [InlineData(410, "not_found")]
    [InlineData(500, "transient")]
    [InlineData(403, "unauthorized")]
    [InlineData(302, "refused")]
    public async Task Results_that_cannot_be_had_get_a_class(int status, string expected) => Assert.Equal(
        expected,
        (await Make.Failure(async () => await Make.Provider(_ => AsJson("", status)).ReadResultsAsync(Make.Batch(), default).ToListAsync())).Class.Value);

    private static async Task<ProviderResult> ReadOne(string line) => Assert.Single(await Read(line + "\n"));

    private static async Task<List<ProviderResult>> Read(string text) =>
        await Make.Provider(_ => Bytes(Encoding.UTF8.GetBytes(text))).ReadResultsAsync(Make.Batch(), default).ToListAsync();
}
