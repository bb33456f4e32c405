using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests.Codec;

public class DecodeTests
{
    public const string Plain =
        """{"id":"msg_1","type":"message","role":"assistant","model":"claude-test-1","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":5,"service_tier":"batch"}}""";

    private const string Rich =
        """{"id":"msg_2","type":"message","role":"assistant","model":"claude-test-1","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"zz"},{"type":"text","text":"one "},{"type":"new_block","text":"no"},{"text":"two é","type":"text"},{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Ulm"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}""";

    private static readonly AnthropicCodec Codec = new();

    public static TheoryData<string> Bodies => [Plain, Rich, .. StopReasons.Select(reason => Plain.Replace("end_turn", reason, StringComparison.Ordinal))];

    private static string[] StopReasons => ["max_tokens", "stop_sequence", "refusal", "pause_turn", "model_context_window_exceeded", "brand_new"];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Decoded_answer_is_what_the_synchronous_client_returns(string body)
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, body));
        using var client = EncodeTests.Synchronous(server.Url);
        var expected = await client.GetResponseAsync("x");

        var actual = Decode(body);

        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.FinishReason, actual.FinishReason);
        Assert.Equal(expected.ModelId, actual.ModelId);
        Assert.Equal(expected.ResponseId, actual.ResponseId);
        Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
        Assert.Equal(expected.Usage.OutputTokenCount, actual.Usage.OutputTokenCount);
        Assert.Equal(expected.Usage.CachedInputTokenCount, actual.Usage.CachedInputTokenCount);
        Assert.Equal(
            expected.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()),
            actual.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()));
    }

    [Fact]
    public void Cached_tokens_and_tool_calls_are_decoded()
    {
        Assert.Equal((17, 4), (Decode(Plain).Usage!.InputTokenCount, Decode(Plain).Usage!.CachedInputTokenCount));
        var call = Assert.Single(Decode(Rich).Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("toolu_1", "weather", "Ulm"), (call.CallId, call.Name, call.Arguments!["city"]!.ToString()));
        Assert.Equal(ChatFinishReason.ToolCalls, Decode(Rich).FinishReason);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"api_error","message":"secret"}}""")]
    [InlineData("""{"type":"error","error":{"type":"error","error":{"type":"api_error","message":"secret"}}}""")]
    [InlineData("""{"id":"msg_1","type":"message","role":"assistant","model":"m"}""")]
    [InlineData("""{"content":"text"}""")]
    [InlineData("""{"content":[]}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{")]
    public void What_is_no_message_is_not_decoded(string body)
    {
        var failure = Assert.Throws<OffpeakException>(() => Decode(body));
        Assert.Equal(OffpeakErrorCode.Provider, failure.Code);
        Assert.DoesNotContain("secret", failure.Message);
    }

    [Theory]
    [InlineData(Plain, "fine")]
    [InlineData(Rich, "one two é")]
    [InlineData("""{"content":[{"type":"text","text":"a\ud83d"}]}""", "a\uFFFD")]
    [InlineData("""{"content":[{"type":"text","text":""}]}""", "")]
    [InlineData("""{"content":[]}""", null)]
    [InlineData("""{"content":[{"type":"tool_use","id":"t","name":"n","input":{"text":"no"}}]}""", null)]
    [InlineData("""{"type":"error","error":{"message":"no"}}""", null)]
    [InlineData("[1]", null)]
    [InlineData("{\"content\":[{", null)]
    public void Text_is_read_without_decoding(string body, string? expected)
    {
        Assert.Equal(expected, Codec.ReadText(BatchEndpoint.Responses, Encoding.UTF8.GetBytes(body)));
        Assert.Equal(expected, Codec.ReadText(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(body)));
        Assert.Null(Codec.ReadText(BatchEndpoint.Embeddings, Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void A_conversation_goes_on_with_the_blocks_as_they_came()
    {
        var request = Codec.Encode("claude-test", BatchEndpoint.Chat, [new(ChatRole.System, "s"), new(ChatRole.User, "hi")], new() { Temperature = 0.2f });
        var next = Codec.Continue(
            BatchEndpoint.Chat, request, Encoding.UTF8.GetBytes(Rich), [new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "rain")])]);

        var body = JsonNode.Parse(next)!;
        var turns = body["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "user"], turns.Select(turn => (string)turn!["role"]!));
        Assert.Equal(JsonNode.Parse(Rich)!["content"]!.ToJsonString(), turns[1]!["content"]!.ToJsonString());
        Assert.Equal("tool_result", (string)turns[2]!["content"]![0]!["type"]!);
        Assert.Equal(("s", 0.2), ((string)body["system"]![0]!["text"]!, (double)body["temperature"]!));
        Assert.DoesNotContain((byte)'\n', next);
    }

    [Fact]
    public void A_conversation_cannot_go_on_from_nothing()
    {
        var request = Codec.Encode("m", BatchEndpoint.Chat, [new(ChatRole.User, "hi")]);
        ChatMessage[] more = [new(ChatRole.User, "more")];
        Assert.Throws<OffpeakException>(() => Codec.Continue(BatchEndpoint.Chat, request, """{"type":"error"}"""u8.ToArray(), more));
        Assert.Throws<OffpeakException>(() => Codec.Continue(BatchEndpoint.Chat, "{}"u8.ToArray(), Encoding.UTF8.GetBytes(Plain), more));
        Assert.Throws<OffpeakException>(() => Codec.Continue(
            BatchEndpoint.Chat, request, Encoding.UTF8.GetBytes(Plain), [new(ChatRole.System, "late"), .. more]));
    }

    [Fact]
    public void The_output_limit_can_be_raised()
    {
        var request = Codec.Encode("m", BatchEndpoint.Chat, [new(ChatRole.User, "hi")], new() { MaxOutputTokens = 101 });
        Assert.Equal(152, (int)JsonNode.Parse(Codec.RaiseOutputLimit(BatchEndpoint.Chat, request, 1.5)!)!["max_tokens"]!);
        Assert.Null(Codec.RaiseOutputLimit(BatchEndpoint.Chat, "{}"u8.ToArray(), 2));
    }

    [Fact]
    public void The_schema_is_read_from_the_request()
    {
        var request = Codec.Encode("m", BatchEndpoint.Chat, [new(ChatRole.User, "hi")], new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(System.Text.Json.JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""").RootElement),
        });
        Assert.Contains("\"a\":{\"type\":\"string\"}", Codec.ReadSchema(BatchEndpoint.Chat, request));
        Assert.Null(Codec.ReadSchema(BatchEndpoint.Chat, Codec.Encode("m", BatchEndpoint.Chat, [new(ChatRole.User, "hi")])));
    }

    [Fact]
    public void Input_tokens_are_estimated_from_bytes() =>
        Assert.Equal((25, false), (Codec.EstimateInputTokens("m", BatchEndpoint.Chat, new byte[100]).Tokens, Codec.EstimateInputTokens("m", BatchEndpoint.Chat, new byte[100]).IsCounted));

    private static ChatResponse Decode(string body) => Codec.Decode(BatchEndpoint.Responses, Encoding.UTF8.GetBytes(body));
}
