using System.Net;
using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests.Results;

/// <summary>Pages word for word, also ones that no emulator would write.</summary>
public class ResultTests
{
    private const string Chat =
        """{"id":"c","object":"chat.completion","model":"grok-4.3","choices":[{"message":{"content":"a \"]},{[\\\" b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":2},"cost_in_usd_ticks":2087200}}""";

    [Fact]
    public async Task An_answer_gives_body_usage_reason_model_and_cost()
    {
        var result = Assert.Single(await Read(Item("a", $$$"""{"response":{"chat_get_completion":{{{Chat}}}}}""")));
        Assert.Equal((ProviderResultKind.Succeeded, "a", 1), (result.Kind, result.WireId, result.Line));
        Assert.Equal(Chat, Encoding.UTF8.GetString(result.Body.Span));
        Assert.Equal(new TokenUsage(7, 0, 5, 2), result.Usage);
        Assert.Equal(("stop", "grok-4.3", 0.00020872m), (result.FinishReason, result.Model, result.ReportedCost));
    }

    [Theory]
    [InlineData("""{"response":{"responses":{"status":"completed","output":[]}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"response":{"brand_new":{"x":1}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"response":{"responses":{"status":"failed","error":{"code":"server_error","message":"m"}}}}""", ProviderResultKind.Failed, true, "server_error")]
    [InlineData("""{"error":{"code":0},"response":{"chat_get_completion":{"choices":[]}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"error":null,"response":{"chat_get_completion":{"choices":[]}}}""", ProviderResultKind.Succeeded, false, null)]
    [InlineData("""{"error":{"code":1,"message":"stopped"}}""", ProviderResultKind.Canceled, false, "1")]
    [InlineData("""{"error":{"code":3,"message":"bad model"}}""", ProviderResultKind.Failed, false, "3")]
    [InlineData("""{"error":{"code":8,"message":"m"}}""", ProviderResultKind.Failed, true, "8")]
    [InlineData("""{"error":{"code":14}}""", ProviderResultKind.Failed, true, "14")]
    [InlineData("""{"error":{"code":429}}""", ProviderResultKind.Failed, true, "429")]
    [InlineData("""{"error":"in words"}""", ProviderResultKind.Failed, false, null)]
    [InlineData("""{"error":{"code":0}}""", ProviderResultKind.Failed, true, null)]
    [InlineData("""{"response":null}""", ProviderResultKind.Failed, true, null)]
    [InlineData("{}", ProviderResultKind.Failed, true, null)]
    [InlineData("7", ProviderResultKind.Failed, true, null)]
    public async Task What_became_of_an_entry_is_told_by_code_and_body(string result, ProviderResultKind kind, bool passing, string? code)
    {
        var read = Assert.Single(await Read(Item("a", result)));
        Assert.Equal((kind, passing, code), (read.Kind, read.IsPassing, read.ErrorCode));
    }

    [Fact]
    public async Task A_message_at_the_top_alone_is_a_failure()
    {
        var read = Assert.Single(await Read("""{"batch_request_id":"a","error_message":"bad model xai-abcdefgh12345"}"""));
        Assert.Equal((ProviderResultKind.Failed, "bad model [key]"), (read.Kind, read.ErrorMessage));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"half an item {\"")]
    [InlineData("[1,[2]]")]
    [InlineData("{}")]
    [InlineData("""{"batch_request_id":7}""")]
    [InlineData("""{"batch_request_id":"x" "batch_result":{}}""")]
    public async Task A_broken_item_does_not_hide_its_neighbours(string broken)
    {
        var results = await Read(Item("a", "{}"), broken, Item("b", "{}"));
        Assert.Equal(["a", null, "b"], results.Select(result => result.WireId));
        Assert.Equal((ProviderResultKind.Malformed, 2), (results[1].Kind, results[1].Line));
    }

    [Fact]
    public async Task An_item_longer_than_allowed_is_malformed_and_skipped()
    {
        var results = await Read(Item("a", $$"""{"x":"{{new string('y', 300_000)}}"}"""), Item("b", "{}"));
        Assert.Equal([null, "b"], results.Select(result => result.WireId));
    }

    [Fact]
    public async Task Pages_are_followed_whatever_their_form_and_size()
    {
        var big = new string('y', 150_000);
        var results = await ReadPages(call => call switch
        {
            _ when call.EndsWith("token=t%202", StringComparison.Ordinal) => $$"""{"pagination_token":null,"results":[{{Item("c", $$"""{"x":"{{big}}"}""")}}]}""",
            _ when call.EndsWith("token=t1", StringComparison.Ordinal) => """{"results":[],"pagination_token":"t 2"}""",
            _ => $$"""{ "results" : [ {{Item("a", $$"""{"x":"{{big}}\\"}""")}} , {{Item("b", "{}")}} ] , "other":{"deep":[1,{"x":[2]}]}, "pagination_token":"t1"}""",
        });
        Assert.Equal(["a", "b", "c"], results.Select(result => result.WireId));
    }

    [Theory]
    [InlineData("""{"results":[{"batch_request_id":"a"},""", "transient")]
    [InlineData("""{"results":[{"batch_request_id":"a""", "transient")]
    [InlineData("", "transient")]
    [InlineData("[]", "unexpected")]
    [InlineData("""{"results":[],"pagination_token":"t1"}""", "unexpected")]
    public async Task A_page_that_is_not_whole_or_none_is_an_error(string page, string expected)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(() => ReadPages(_ => page));
        Assert.Equal(expected, failure.Class.Value);
    }

    private static string Item(string id, string result) => $$"""{"batch_request_id":"{{id}}","batch_result":{{result}}}""";

    private static Task<List<ProviderResult>> Read(params string[] items) =>
        ReadPages(_ => "{\"results\":[" + string.Join(',', items) + "],\"pagination_token\":null}");

    private static async Task<List<ProviderResult>> ReadPages(Func<string, string> page)
    {
        var provider = new XAIBatchProvider(new XAIOptions { ApiKey = "xai-key", MaxResultBytes = 200_000 }, null, new Pages(page));
        var batch = XAIBench.Ref(entries: 1);
        return await provider.ReadResultsAsync(batch, default).ToListAsync();
    }

    private sealed class Pages(Func<string, string> page) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(page(request.RequestUri!.PathAndQuery)) });
    }
}
