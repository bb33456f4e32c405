using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.TestKit;

#pragma warning disable OPENAI001 // The Responses surface of the SDK carries this experimental mark.

namespace Offpeak.OpenAI.Tests.Codec;

public class DecodeTests
{
    private const string Chat =
        """{"id":"c1","object":"chat.completion","created":1700000000,"model":"gpt-test-1","choices":[{"index":0,"message":{"role":"assistant","content":"hello é","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}""";

    private const string Responses =
        """{"id":"r1","object":"response","created_at":1700000000,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-5","output":[{"id":"rs","type":"reasoning","summary":[]},{"id":"m1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"one ","annotations":[]},{"annotations":[],"text":"two","type":"output_text"}]}],"usage":{"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":35}}""";

    private static readonly OpenAICodec Codec = new();

    [Theory]
    [InlineData("/v1/chat/completions", Chat)]
    [InlineData("/v1/responses", Responses)]
    public async Task Decoded_answer_is_what_the_synchronous_client_returns(string path, string body)
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, body));
        var credential = new System.ClientModel.ApiKeyCredential("k");
        var url = new Uri(server.Url + "/v1");
        using var client = path == BatchEndpoint.Chat.Path
            ? new global::OpenAI.Chat.ChatClient("m", credential, new global::OpenAI.OpenAIClientOptions { Endpoint = url }).AsIChatClient()
            : new global::OpenAI.Responses.ResponsesClient(credential, new global::OpenAI.Responses.ResponsesClientOptions { Endpoint = url }).AsIChatClient("m");
        var expected = await client.GetResponseAsync("x");

        var actual = Decode(path, body);

        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.FinishReason, actual.FinishReason);
        Assert.Equal(expected.ModelId, actual.ModelId);
        Assert.Equal(expected.ResponseId, actual.ResponseId);
        Assert.Equal(expected.CreatedAt, actual.CreatedAt);
        Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
        Assert.Equal(expected.Usage.OutputTokenCount, actual.Usage.OutputTokenCount);
        Assert.Equal(expected.Usage.CachedInputTokenCount, actual.Usage.CachedInputTokenCount);
        Assert.Equal(
            expected.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()),
            actual.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()));
    }

    [Fact]
    public void Tool_calls_are_decoded()
    {
        var call = Assert.Single(Decode("/v1/chat/completions", Chat).Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("call_1", "weather", "Ulm"), (call.CallId, call.Name, call.Arguments!["city"]!.ToString()));
    }

    [Theory]
    [InlineData("/v1/responses", """{"id":"r","status":"failed","error":{"code":"server_error","message":"secret"},"output":[]}""")]
    [InlineData("/v1/responses", """{"id":"r","status":"failed","output":[]}""")]
    [InlineData("/v1/responses", """{"id":"r","status":"cancelled","output":[]}""")]
    [InlineData("/v1/chat/completions", """{"id":"c","choices":[]}""")]
    [InlineData("/v1/chat/completions", """{"id":"c"}""")]
    [InlineData("/v1/chat/completions", """{"error":{"message":"secret"}}""")]
    [InlineData("/v1/chat/completions", """{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"brand_new"}]}""")]
    [InlineData("/v1/chat/completions", "[]")]
    [InlineData("/v1/chat/completions", "secret")]
    [InlineData("/v1/chat/completions", "")]
    [InlineData("/v1/responses", "{\"output\":")]
    public void What_cannot_be_decoded_is_refused_without_its_content(string path, string body)
    {
        var refusal = Assert.Throws<OffpeakException>(() => Decode(path, body));
        Assert.Equal(OffpeakErrorCode.Provider, refusal.Code);
        Assert.DoesNotContain("secret", refusal.Message);
    }

    [Theory]
    [InlineData("/v1/chat/completions", Chat, "hello é")]
    [InlineData("/chat/completions", Chat, "hello é")]
    [InlineData("/v1/responses", Responses, "one two")]
    [InlineData("/v1/embeddings", Chat, null)]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":null,"refusal":"no"}}]}""", "no")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}""", "a")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}""", "ab")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":"half \ud800 pair"}}]}""", "half \uFFFD pair")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":"\ud83d\ude00 \ud800\u0000"}}]}""", "😀 \uFFFD\0")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":""}}]}""", "")]
    [InlineData("/v1/chat/completions", """{"choices":[]}""", null)]
    [InlineData("/v1/chat/completions", """{"choices":{"a":[1]},"x":{"choices":[{"message":{"content":"nested"}}]}}""", null)]
    [InlineData("/v1/chat/completions", "cut", null)]
    [InlineData("/v1/responses", """{"output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]}""", "no")]
    [InlineData("/v1/responses", """{"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]},7,{"type":"function_call"}]}""", null)]
    public void Text_is_found_in_one_pass(string path, string body, string? text) =>
        Assert.Equal(text, Codec.ReadText(new BatchEndpoint(path), Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":"a"}},{"message":{"content":null,"refusal":"no"}},{"message":{"content":null,"tool_calls":[{}]}}]}""", "a|no|")]
    [InlineData("/v1/chat/completions", """{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}""", "a+b")]
    [InlineData("/v1/responses", """{"output":[{"type":"message","content":[{"type":"output_text","text":"a"}]},{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"b"}]}]}""", "a+b")]
    [InlineData("/v1/chat/completions", "{\"choices\":[{", null)]
    [InlineData("/v1/embeddings", "{}", null)]
    public void Every_choice_is_read_with_its_parts(string path, string body, string? expected)
    {
        var choices = Codec.ReadChoices(new BatchEndpoint(path), Encoding.UTF8.GetBytes(body));
        Assert.Equal(expected, choices.Count == 0 ? null : string.Join('|', choices.Select(choice => string.Join('+', choice.Parts))));
        Assert.All(choices, choice => Assert.Equal(choice.Text ?? "", string.Concat(choice.Parts)));
    }

    private static ChatResponse Decode(string path, string body) => Codec.Decode(new BatchEndpoint(path), Encoding.UTF8.GetBytes(body));
}
