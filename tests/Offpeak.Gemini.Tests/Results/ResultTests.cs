using System.Text;
using Offpeak.Codec;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests.Results;

/// <summary>Single results, inline and in files.</summary>
public class ResultTests
{
    private const string Answer = """{"candidates":[{"content":{"parts":[{"text":"4"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":13,"candidatesTokenCount":1,"totalTokenCount":57,"thoughtsTokenCount":43,"cachedContentTokenCount":5,"serviceTier":"standard"},"modelVersion":"gemini-2.5-flash","responseId":"r"}""";

    [Theory]
    [InlineData("""{"response":@,"metadata":{"key":"k1"}}""")]
    [InlineData("""{"metadata":{"other":{"key":"no"},"key":"k1"},"response":@}""")]
    [InlineData("""{"response":@,"key":"k1"}""")]
    [InlineData("""{"key":"k1","response":@,"error":null,"status":{}}""")]
    [InlineData("""{"key":"k1","metadata":{"key":"not this"},"error":{"code":0},"response":@,"new":[{"key":"x"}]}""")]
    public async Task An_answer_is_read_with_its_key_usage_and_bytes(string line)
    {
        var result = await ReadLine(line.Replace("@", Answer));
        Assert.Equal((ProviderResultKind.Succeeded, "k1", "stop", "gemini-2.5-flash"), (result.Kind, result.WireId, result.FinishReason, result.Model));
        Assert.Equal(new TokenUsage(13, 5, 44, 43), result.Usage);
        Assert.Equal(Answer, Encoding.UTF8.GetString(result.Body.Span));
        Assert.Null(result.ErrorCode);
    }

    [Theory]
    [InlineData(1, true, "CANCELLED")]
    [InlineData(4, true, "DEADLINE_EXCEEDED")]
    [InlineData(8, true, "RESOURCE_EXHAUSTED")]
    [InlineData(13, true, "INTERNAL")]
    [InlineData(14, true, "UNAVAILABLE")]
    [InlineData(429, true, "429")]
    [InlineData(503, true, "503")]
    [InlineData(2, false, "UNKNOWN")]
    [InlineData(3, false, "INVALID_ARGUMENT")]
    [InlineData(5, false, "NOT_FOUND")]
    [InlineData(7, false, "PERMISSION_DENIED")]
    [InlineData(400, false, "400")]
    public async Task An_error_passes_or_not_by_its_code(int code, bool isPassing, string name)
    {
        foreach (var word in (string[])["error", "status"])
        {
            var result = await ReadLine($$$"""{"{{{word}}}":{"code":{{{code}}},"message":"m","details":[{"code":3}]},"key":"k"}""");
            Assert.Equal((ProviderResultKind.Failed, isPassing, name, "m"), (result.Kind, result.IsPassing, result.ErrorCode, result.ErrorMessage));
            Assert.StartsWith("{\"code\"", Encoding.UTF8.GetString(result.Body.Span));
        }
    }

    [Theory]
    [InlineData("""{"error":"just text","key":"k"}""", false, "just text")]
    [InlineData("""{"error":{"code":"14"},"key":"k"}""", true, "The provider gave no reason.")]
    [InlineData("""{"error":{"status":"UNAVAILABLE"},"key":"k"}""", true, "The provider gave no reason.")]
    [InlineData("""{"key":"k"}""", true, "The provider answered without candidates.")]
    [InlineData("""{"response":null,"key":"k"}""", true, "The provider answered without candidates.")]
    [InlineData("""{"response":{"usageMetadata":{"promptTokenCount":4}},"key":"k"}""", true, "The provider answered without candidates.")]
    public async Task Odd_failures_are_failures(string line, bool isPassing, string message)
    {
        var result = await ReadLine(line);
        Assert.Equal((ProviderResultKind.Failed, isPassing, message), (result.Kind, result.IsPassing, result.ErrorMessage));
    }

    [Theory]
    [InlineData("""{"candidates":[{"finishReason":"MAX_TOKENS"}]}""", "length")]
    [InlineData("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}""", "MALFORMED_FUNCTION_CALL")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"},{"finishReason":"OTHER"}]}""", "tool_calls")]
    [InlineData("""{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"functionCall"},{"x":{"functionCall":1}}]}}]}""", "stop")]
    [InlineData("""{"candidates":[{}]}""", null)]
    [InlineData("""{"embedding":{"values":[0.5]},"tokenCount":"7"}""", null)]
    public async Task Answers_end_for_reasons_in_common_words(string answer, string? expected)
    {
        var result = await ReadLine($$"""{"response":{{answer}},"key":"k"}""");
        Assert.Equal((ProviderResultKind.Succeeded, expected), (result.Kind, result.FinishReason));
    }

    [Theory]
    [InlineData("SAFETY")]
    [InlineData("RECITATION")]
    [InlineData("PROHIBITED_CONTENT")]
    [InlineData("BLOCKLIST")]
    [InlineData("SPII")]
    [InlineData("IMAGE_SAFETY")]
    [InlineData("IMAGE_PROHIBITED_CONTENT")]
    [InlineData("IMAGE_RECITATION")]
    public async Task Candidate_that_was_blocked_is_a_failure_with_googles_word(string word)
    {
        var result = await ReadLine(
            $$$"""{"response":{"candidates":[{"content":{"parts":[{"text":"half"}]},"finishReason":"{{{word}}}","finishMessage":"Why."}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2}},"key":"k"}""");
        Assert.Equal((ProviderResultKind.Failed, "content_filter", false, "content_filter"), (result.Kind, result.ErrorCode, result.IsPassing, result.FinishReason));
        Assert.Equal($"The provider blocked it: {word}. Why.", result.ErrorMessage);
        Assert.Equal((new TokenUsage(4, 0, 2), false), (result.Usage, result.Body.IsEmpty));
    }

    [Theory]
    [InlineData("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}""", "The provider blocked it: PROHIBITED_CONTENT.")]
    [InlineData("""{"promptFeedback":{"blockReason":"OTHER","blockReasonMessage":"Not this."},"candidates":[]}""", "The provider blocked it: OTHER. Not this.")]
    public async Task Prompt_that_was_blocked_is_a_failure_with_googles_words(string answer, string message)
    {
        var result = await ReadLine($$"""{"response":{{answer}},"key":"k"}""");
        Assert.Equal((ProviderResultKind.Failed, "content_filter", message), (result.Kind, result.ErrorCode, result.ErrorMessage));
    }

    [Theory]
    [InlineData("""{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]}""", true)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"thinking","thought":true},{"text":"","thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}""", true)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":" \n\t"}]},"finishReason":"STOP"}]}""", true)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"MAX_TOKENS"}]}""", false)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]},"finishReason":"STOP"}]}""", false)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]}""", false)]
    [InlineData("""{"candidates":[{"finishReason":"STOP"},{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}""", false)]
    [InlineData("""{"embedding":{"values":[0.5]}}""", false)]
    public async Task Answer_without_anything_but_thoughts_is_empty(string answer, bool isEmpty)
    {
        var result = await ReadLine($$"""{"response":{{answer}},"key":"k"}""");
        Assert.Equal((ProviderResultKind.Succeeded, isEmpty), (result.Kind, result.IsEmpty));
    }

    [Fact]
    public async Task Of_several_candidates_one_that_was_not_blocked_is_an_answer()
    {
        var result = await ReadLine(
            """{"response":{"candidates":[{"finishReason":"SAFETY"},{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]},"key":"k"}""");
        Assert.Equal((ProviderResultKind.Succeeded, false), (result.Kind, result.IsEmpty));
    }

    [Fact]
    public async Task An_embedding_counts_its_input()
    {
        Assert.Equal(new TokenUsage(7, 0, 0), (await ReadLine("""{"response":{"embedding":{"values":[1]},"tokenCount":"7"},"key":"k"}""")).Usage);
        Assert.Equal(new TokenUsage(9, 0, 0), (await ReadLine("""{"response":{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":9}},"key":"k"}""")).Usage);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[1,2]")]
    [InlineData("{}")]
    [InlineData("""{"key":7,"response":{"candidates":[{}]}}""")]
    [InlineData("""{"metadata":"k","response":{"candidates":[{}]}}""")]
    [InlineData("""{"metadata":{"custom":"k"},"response":{"candidates":[{}]}}""")]
    public async Task What_has_no_key_is_malformed_and_says_nothing(string line)
    {
        var result = await ReadLine(line);
        Assert.Equal(ProviderResultKind.Malformed, result.Kind);
        Assert.Null(result.WireId);
        Assert.Equal(0, result.Body.Length);
    }

    [Fact]
    public async Task Errors_hold_no_key()
    {
        var result = await ReadLine($$$"""{"error":{"code":3,"message":"bad {{{Make.Key}}}"},"key":"k"}""");
        Assert.DoesNotContain(Make.Key, result.ErrorMessage);
    }

    [Theory]
    [InlineData("""{"metadata":{"output":{"inlinedResponses":{"inlinedResponses":[@]}}},"done":true,"response":{"inlinedResponses":{"inlinedResponses":[@]}}}""")]
    [InlineData("""{"metadata":{"output":{"inlinedResponses":{"inlinedResponses":[]}}},"response":{"inlinedResponses":{"inlinedResponses":[ @ ]}}}""")]
    [InlineData("""{"response":{"inlinedResponses":[@]}}""")]
    [InlineData("""{"metadata":{"output":{"inlinedResponses":[@]}}}""")]
    public async Task Inline_results_are_read_once_wherever_they_stand(string operation)
    {
        const string Items = """{"response":{"candidates":[{}]},"metadata":{"key":"k1"}},{"error":{"code":4},"metadata":{"key":"k2"}}""";
        var results = await Make.Provider(_ => AsJson(operation.Replace("@", Items))).ReadResultsAsync(Make.Batch(), default).ToListAsync();
        Assert.Equal([("k1", 1L), ("k2", 2L)], results.Select(result => (result.WireId!, result.Line)));
    }

    [Fact]
    public async Task A_batch_that_names_a_file_after_all_is_read_from_it()
    {
        var handler = new StubHandler(call => call.Path == "/v1beta/batches/b1"
            ? AsJson("""{"metadata":{"state":"BATCH_STATE_SUCCEEDED"},"response":{"responsesFile":"files/batch-b1"}}""")
            : Bytes("{\"response\":{\"candidates\":[{}]},\"key\":\"k1\"}\n"u8.ToArray()));
        var result = Assert.Single(await Make.Provider(handler).ReadResultsAsync(Make.Batch(), default).ToListAsync());
        Assert.Equal("k1", result.WireId);
        Assert.Equal("/download/v1beta/files/batch-b1:download?alt=media", handler.Calls[1].Path);
    }

    [Fact]
    public async Task A_result_over_the_limit_is_malformed_with_a_reason_and_the_next_one_is_read()
    {
        var large = $$$"""{"response":{"candidates":[{"content":{"parts":[{"text":"{{{new string('x', 5_000)}}}"}]}}]},"metadata":{"key":"k1"},"key":"k1"}""";
        const string Small = """{"response":{"candidates":[{}]},"metadata":{"key":"k2"},"key":"k2"}""";
        void Limit(GeminiOptions options) => options.MaxResultBytes = 1_000;
        var inline = Make.Provider(new StubHandler(_ => AsJson(Inline(large + "," + Small))), configure: Limit);
        var file = Make.Provider(new StubHandler(_ => AsJson(large + "\n" + Small + "\n")), configure: Limit);
        foreach (var results in (List<ProviderResult>[])
        [
            await inline.ReadResultsAsync(Make.Batch(), default).ToListAsync(),
            await file.ReadResultsAsync(Make.Batch(("output_file", "files/batch-b1")), default).ToListAsync(),
        ])
        {
            Assert.Equal((ProviderResultKind.Malformed, "result_too_long", 1L), (results[0].Kind, results[0].ErrorCode, results[0].Line));
            Assert.Equal("k2", results[1].WireId);
        }
    }

    private static string Inline(string items) => """{"response":{"inlinedResponses":{"inlinedResponses":[@]}}}""".Replace("@", items);

    private static async Task<ProviderResult> ReadLine(string line)
    {
        var file = Assert.Single(await Make.Provider(_ => AsJson(line + "\n")).ReadResultsAsync(Make.Batch(("output_file", "files/batch-b1")), default).ToListAsync());
        var inline = Assert.Single(await Make.Provider(_ => AsJson(Inline(line)))
            .ReadResultsAsync(Make.Batch(), default).ToListAsync());
        Assert.Equal(file with { Body = default }, inline with { Body = default });
        Assert.True(file.Body.Span.SequenceEqual(inline.Body.Span));
        return inline;
    }
}
