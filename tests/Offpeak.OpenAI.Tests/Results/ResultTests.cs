using System.Text;
using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests.Results;

public class ResultTests
{
    private const string ChatBody =
        """{"id":"c","model":"gpt-test-1","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"},{"finish_reason":"x"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"audio_tokens":0,"reasoning_tokens":1}}}""";

    private const string ResponsesBody =
        """{"id":"r","status":"completed","error":null,"incomplete_details":null,"model":"gpt-5","output":[{"type":"message","content":[{"type":"output_text","text":"yo"}]}],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}}""";

    [Theory]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"x":1}},"error":null}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":201,"body":[]},"error":{"code":"odd"}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":"200","body":{}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":200.0,"body":{}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"custom_id":"a","response":{"body":{"x":1}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":null}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":null,"error":{"code":"batch_expired","message":"m"}}""", ProviderResultKind.Expired, false, "batch_expired")]
    [InlineData("""{"custom_id":"a","response":null,"error":{"code":"batch_cancelled"}}""", ProviderResultKind.Canceled, false, "batch_cancelled")]
    [InlineData("""{"custom_id":"a","error":{"code":"batch_canceled"}}""", ProviderResultKind.Canceled, false, "batch_canceled")]
    [InlineData("""{"custom_id":"a","response":{"status_code":400,"body":{"error":{"type":"invalid_request_error","code":null}}},"error":null}""", ProviderResultKind.Failed, false, "invalid_request_error")]
    [InlineData("""{"custom_id":"a","response":{"status_code":401,"body":{}}}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":404,"body":"nope"}}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":408,"body":{}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":409,"body":{}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":429,"body":{"error":{"code":"rate_limit_exceeded"}}}}""", ProviderResultKind.Failed, true, "rate_limit_exceeded")]
    [InlineData("""{"custom_id":"a","response":{"status_code":500,"body":{}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":503,"body":{}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":0,"body":{}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":302,"body":{}}}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"custom_id":"a","response":null,"error":null}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"custom_id":"a","response":null,"error":"it broke"}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"custom_id":"a","response":null,"error":{"code":"server_error"}}""", ProviderResultKind.Failed, true, "server_error")]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"status":"failed","error":{"code":"server_error","message":"m"}}}}""", ProviderResultKind.Failed, true, "server_error")]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"status":"failed","error":{"code":"rate_limit_exceeded"}}}}""", ProviderResultKind.Failed, true, "rate_limit_exceeded")]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"status":"failed","error":{"code":"invalid_prompt"}}}}""", ProviderResultKind.Failed, false, "invalid_prompt")]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"status":"cancelled"}}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"status":"incomplete"}}}""", ProviderResultKind.Succeeded, false, null)]
    public async Task Lines_are_classified(string line, ProviderResultKind kind, bool passing, string? code)
    {
        var result = Assert.Single(await Read(line));
        Assert.Equal(kind, result.Kind);
        Assert.Equal(passing, result.IsPassing);
        Assert.Equal(code, result.ErrorCode);
        Assert.Equal("a", result.WireId);
        Assert.Equal(1, result.Line);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"custom_id":null,"response":{"status_code":200,"body":{}}}""")]
    [InlineData("""{"custom_id":"","response":{"status_code":200,"body":{}}}""")]
    [InlineData("""{"custom_id":7,"response":{"status_code":200,"body":{}}}""")]
    [InlineData("""{"custom_id":"a"} trailing""")]
    [InlineData("""{"custom_id":"a"}{"custom_id":"b"}""")]
    [InlineData("""{"custom_id":"a","response":{"status_code":200,"body":{"content":"cut o""")]
    public async Task Lines_that_cannot_be_read_are_malformed_and_hold_nothing(string line)
    {
        var result = Assert.Single(await Read(line));
        Assert.Equal("The results end in the middle of the line.", result.ErrorMessage);
        Assert.Equal(new ProviderResult { Kind = ProviderResultKind.Malformed, Line = 1, IsTorn = true }, result with { ErrorMessage = null });
    }

    [Fact]
    public async Task Only_a_bad_line_that_nothing_ends_is_torn()
    {
        Assert.False(Assert.Single(await Read("cut o\n")).IsTorn);
        Assert.True(Assert.Single(await Read("cut o")).IsTorn);
        Assert.False(Assert.Single(await Read(Ok("a", ChatBody))).IsTorn);
    }

    [Fact]
    public async Task Chat_answers_give_body_usage_reason_and_model()
    {
        var result = Assert.Single(await Read(Ok("a", ChatBody)));
        Assert.Equal(ChatBody, Encoding.UTF8.GetString(result.Body.Span));
        Assert.Equal(new TokenUsage(9, 2, 4, 1), result.Usage);
        Assert.Equal("stop", result.FinishReason);
        Assert.Equal("gpt-test-1", result.Model);
        Assert.Equal(200, result.StatusCode);
    }

    [Fact]
    public async Task Responses_answers_give_body_usage_reason_and_model()
    {
        var result = Assert.Single(await Read(Ok("a", ResponsesBody)));
        Assert.Equal(ResponsesBody, Encoding.UTF8.GetString(result.Body.Span));
        Assert.Equal(new TokenUsage(30, 20, 5, 3), result.Usage);
        Assert.Equal("stop", result.FinishReason);
        Assert.Null(result.ReportedCost);
        Assert.Equal("gpt-5", result.Model);
        Assert.Null(result.ErrorCode);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":null,"refusal":"I'm sorry."},"finish_reason":"stop"}]}""", "I'm sorry.")]
    [InlineData("""{"choices":[{"message":{"refusal":"No.","content":"Well"},"finish_reason":"stop"}]}""", "No.")]
    [InlineData("""{"output":[{"type":"reasoning"},{"type":"message","content":[{"type":"refusal","refusal":"I can't."}]}],"status":"completed"}""", "I can't.")]
    [InlineData("""{"output":[{"content":[{"refusal":"","type":"refusal"}],"type":"message"}],"status":"completed"}""", "The model refused to answer.")]
    [InlineData("""{"choices":[{"message":{"content":null,"refusal":"a sk-123456789012345678901234"},"finish_reason":"stop"}]}""", "a [key]")]
    public async Task A_refusal_is_a_failure_in_the_models_own_words_and_stays_paid(string body, string words)
    {
        var paid = body[..^1] + ""","usage":{"prompt_tokens":9,"completion_tokens":4}}""";
        var result = Assert.Single(await Read(Ok("a", paid)));
        Assert.Equal((ProviderResultKind.Failed, "refused", words, false), (result.Kind, result.ErrorCode, result.ErrorMessage, result.IsPassing));
        Assert.Equal(("refusal", new TokenUsage(9, 0, 4), paid), (result.FinishReason, result.Usage, Encoding.UTF8.GetString(result.Body.Span)));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"Half an"},"finish_reason":"content_filter"}]}""")]
    [InlineData("""{"status":"incomplete","output":[{"type":"message","content":[{"type":"output_text","text":"Half"}]}],"incomplete_details":{"reason":"content_filter"}}""")]
    public async Task A_blocked_answer_is_a_failure_with_the_providers_word(string body)
    {
        var result = Assert.Single(await Read(Ok("a", body)));
        Assert.Equal((ProviderResultKind.Failed, "content_filter", "content_filter", false), (result.Kind, result.ErrorCode, result.FinishReason, result.IsPassing));
        Assert.Equal("The provider blocked it: content_filter.", result.ErrorMessage);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"","refusal":null,"reasoning_content":"hm","tool_calls":[],"annotations":[]},"finish_reason":"length"}]}""", true)]
    [InlineData("""{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}""", true)]
    [InlineData("""{"choices":[]}""", true)]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]},"finish_reason":"stop"}]}""", true)]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"text","text":"x"}]},"finish_reason":"stop"}]}""", false)]
    [InlineData("""{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}""", false)]
    [InlineData("""{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c"}]},"finish_reason":"tool_calls"}]}""", false)]
    [InlineData("""{"choices":[{"message":{"content":null,"audio":{"id":"a"}},"finish_reason":"stop"}]}""", false)]
    [InlineData("""{"choices":[{"message":{"content":"","images":[{"type":"image_url"}]},"finish_reason":"stop"}]}""", false)]
    [InlineData("""{"choices":[{"message":{"content":""},"finish_reason":"stop"},{"message":{"content":"x"},"finish_reason":"stop"}]}""", false)]
    [InlineData("""{"choices":[{"text":"x","finish_reason":"stop"}]}""", false)]
    [InlineData("""{"output":[{"type":"reasoning","summary":[]}],"status":"incomplete"}""", true)]
    [InlineData("""{"output":[{"type":"message","content":[{"type":"output_text","text":" "}]}],"status":"completed"}""", true)]
    [InlineData("""{"output":[{"type":"image_generation_call"}],"status":"completed"}""", false)]
    [InlineData("""{"output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}],"status":"completed"}""", false)]
    [InlineData("""{"data":[{"embedding":[1]}]}""", false)]
    [InlineData("""{"results":[{"flagged":false}]}""", false)]
    public async Task An_answer_without_anything_but_reasoning_is_empty(string body, bool isEmpty)
    {
        var result = Assert.Single(await Read(Ok("a", body)));
        Assert.Equal((ProviderResultKind.Succeeded, isEmpty), (result.Kind, result.IsEmpty));
    }

    [Theory]
    [InlineData("""[{"message":{"refusal":"No."},"finish_reason":"stop"},{"message":{"content":"x"},"finish_reason":"stop"}]""")]
    [InlineData("""[{"message":{"content":"ha"},"finish_reason":"content_filter"},{"message":{"content":"x"},"finish_reason":"stop"}]""")]
    public async Task Of_several_choices_one_that_says_something_is_an_answer(string choices) =>
        Assert.Equal(ProviderResultKind.Succeeded, Assert.Single(await Read(Ok("a", $$"""{"choices":{{choices}}}"""))).Kind);

    [Theory]
    [InlineData("""{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}""", "length")]
    [InlineData("""{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}""", "content_filter")]
    [InlineData("""{"status":"incomplete"}""", "length")]
    [InlineData("""{"status":"completed","output":[{"type":"message"}]}""", "stop")]
    [InlineData("""{"output":[{"type":"reasoning"},{"type":"function_call","name":"f"}],"status":"completed"}""", "tool_calls")]
    [InlineData("""{"status":"incomplete","output":[{"type":"function_call"}],"incomplete_details":{"reason":"max_output_tokens"}}""", "length")]
    [InlineData("""{"choices":[{"finish_reason":"function_call"}]}""", "tool_calls")]
    [InlineData("""{"choices":[{"finish_reason":"content_filter"}]}""", "content_filter")]
    [InlineData("""{"choices":[]}""", null)]
    [InlineData("""{"choices":[{"finish_reason":"brand_new"}]}""", "brand_new")]
    [InlineData("""{"choices":"x","usage":[1],"model":{},"status":7,"incomplete_details":[]}""", "7")]
    public async Task Finish_reasons_are_said_in_one_set_of_words_or_the_providers_own(string body, string? reason) =>
        Assert.Equal(reason, Assert.Single(await Read(Ok("a", body))).FinishReason);

    [Theory]
    [InlineData("""{"prompt_tokens":1,"cost_in_usd_ticks":2087200}""", "0.00020872")]
    [InlineData("""{"prompt_tokens":1,"cost":0.00125}""", "0.00125")]
    [InlineData("""{"prompt_tokens":1,"cost":1e-7}""", "0.0000001")]
    [InlineData("""{"prompt_tokens":1,"cost":"free"}""", null)]
    [InlineData("""{"prompt_tokens":1,"cost":-1}""", null)]
    public async Task A_cost_that_the_server_says_is_reported(string usage, string? cost) => Assert.Equal(
        cost is null ? null : decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture),
        Assert.Single(await Read(Ok("a", $$"""{"choices":[],"usage":{{usage}}}"""))).ReportedCost);

    [Fact]
    public async Task Embeddings_give_their_usage()
    {
        var body = """{"object":"list","data":[{"embedding":[0.1,-2e-5,3],"index":0}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}""";
        Assert.Equal(new TokenUsage(8, 0, 0), Assert.Single(await Read(Ok("a", body))).Usage);
    }

    [Fact]
    public async Task Failures_carry_the_message_from_the_body_or_the_line_without_the_key()
    {
        var results = await Read(
            """{"custom_id":"a","response":{"status_code":400,"body":{"error":{"message":"max_tokens is too large","code":"c"}}},"error":null}""" + "\n"
            + """{"custom_id":"b","response":null,"error":{"code":"batch_expired","message":"too late"}}""" + "\n"
            + """{"custom_id":"c","response":{"status_code":401,"body":{"error":{"message":"bad key sk-canary-0123456789abcdef"}}}}""");
        Assert.Equal(["max_tokens is too large", "too late", "bad key [key]"], results.Select(result => result.ErrorMessage));
        Assert.False(results[0].Body.IsEmpty);
        Assert.True(results[1].Body.IsEmpty);
    }

    [Fact]
    public async Task Of_duplicate_names_the_first_counts()
    {
        var result = Assert.Single(await Read(
            """{"custom_id":"a","custom_id":"b","response":{"status_code":200,"status_code":500,"body":{"model":"m1","model":"m2","usage":{"prompt_tokens":1,"completion_tokens":1},"usage":{"prompt_tokens":9},"status":"completed","status":"failed","choices":[{"finish_reason":"stop","finish_reason":"length"}],"choices":[]},"body":{}},"response":null,"error":{"code":"x","code":"y"},"error":{"code":"z"}}"""));
        Assert.Equal(("a", 200, "m1", "stop"), (result.WireId, result.StatusCode, result.Model, result.FinishReason));
        Assert.Equal(new TokenUsage(1, 0, 1), result.Usage);
        Assert.Equal(ProviderResultKind.Succeeded, result.Kind);
    }

    [Fact]
    public async Task Hostile_bodies_are_kept_verbatim()
    {
        var deep = new string('[', 1_000) + new string(']', 1_000);
        string[] bodies =
        [
            "{\"d\":" + deep + "}", """{"t":"a\u0000b"}""", """{"t":"\ud800"}""", """{"\udfff":1,"model":"\ud800x"}""",
            "{ \"spaced\" : [ 1 , 2 ] }", """{"n":1.000000000000000000000000000001e5}""",
        ];
        var results = await Read(string.Join('\n', bodies.Select((body, i) => Ok("id-" + i, body))));
        Assert.Equal(bodies, results.Select(result => Encoding.UTF8.GetString(result.Body.Span)));
        Assert.All(results, result => Assert.Equal(ProviderResultKind.Succeeded, result.Kind));
        Assert.Equal("\uFFFDx", results[3].Model);
    }

    [Fact]
    public async Task A_line_deeper_than_anything_sensible_is_malformed_and_the_next_one_is_read()
    {
        var deep = new string('[', 5_000) + new string(']', 5_000);
        var results = await Read(Ok("a", deep) + "\n" + Ok("b", "{}"));
        Assert.Equal([ProviderResultKind.Malformed, ProviderResultKind.Succeeded], results.Select(result => result.Kind));
    }

    [Fact]
    public async Task An_escaped_custom_id_is_unescaped() =>
        Assert.Equal("op-é", Assert.Single(await Read("""{"custom\u005fid":"op-\u00e9","response":{"status_code":200,"body":{}}}""")).WireId);

    [Fact]
    public async Task A_line_over_the_limit_is_malformed_and_the_next_one_is_read()
    {
        var content = Ok("a", "{\"t\":\"" + new string('x', 5_000) + "\"}") + "\n" + Ok("b", "{}");
        var provider = Make.Provider(
            new StubHandler(_ => Bytes(Encoding.UTF8.GetBytes(content))), configure: options => options.MaxResultLineBytes = 1_000);
        var results = await provider.ReadResultsAsync(Make.Batch(("output_file_id", "o")), default).ToListAsync();
        Assert.Equal([ProviderResultKind.Malformed, ProviderResultKind.Succeeded], results.Select(result => result.Kind));
        Assert.Equal([1, 2], results.Select(result => result.Line));
        Assert.Equal("The line is longer than the limit.", results[0].ErrorMessage);
    }

    private static string Ok(string id, string body) => $$"""{"id":"x","custom_id":"{{id}}","response":{"status_code":200,"request_id":"r","body":{{body}}},"error":null}""";

    private static async Task<List<ProviderResult>> Read(string content) =>
        await Make.Provider(_ => Bytes(Encoding.UTF8.GetBytes(content))).ReadResultsAsync(Make.Batch(("output_file_id", "o")), default).ToListAsync();
}
