using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.OpenAI.Tests.Codec;

public sealed class ContinueTests
{
    private static readonly OpenAICodec Subject = new();
    private static readonly ChatMessage Result = new(ChatRole.Tool, [new FunctionResultContent("call-1", "rain")]);

    [Fact]
    public void Chat_goes_on_with_the_models_message_as_it_came_and_the_tools_result()
    {
        var request = """{"model":"gpt-5","messages":[{"role":"user","content":"Weather?"}],"temperature":0.5}"""u8.ToArray();
        var answer = """
            {"choices":[{"message":{"role":"assistant","content":null,"odd":{"x":1e400},"tool_calls":[{"id":"call-1","type":"function",
            "function":{"name":"weather","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}
            """u8.ToArray();

        var next = JsonNode.Parse(Subject.Continue(BatchEndpoint.Chat, request, answer, [Result]))!;

        Assert.Equal(["user", "assistant", "tool"], next["messages"]!.AsArray().Select(message => (string)message!["role"]!));
        Assert.Equal("1e400", next["messages"]![1]!["odd"]!["x"]!.ToJsonString());
        Assert.Equal(("call-1", 0.5), ((string)next["messages"]![2]!["tool_call_id"]!, (double)next["temperature"]!));
    }

    [Fact]
    public void Responses_go_on_with_every_output_item_reasoning_included()
    {
        var request = """{"model":"gpt-5","input":"Weather?"}"""u8.ToArray();
        var answer = """
            {"status":"completed","output":[{"type":"reasoning","id":"rs-1","encrypted_content":"zzz","summary":[]},
            {"type":"function_call","call_id":"call-1","name":"weather","arguments":"{}"}]}
            """u8.ToArray();

        var next = JsonNode.Parse(Subject.Continue(BatchEndpoint.Responses, request, answer, [Result]))!;

        Assert.Equal(
            ["Weather?", "reasoning", "function_call", "function_call_output"],
            next["input"]!.AsArray().Select(item => (string?)item!["type"] ?? (string)item["content"]!));
        Assert.Equal("zzz", (string)next["input"]![1]!["encrypted_content"]!);
    }

    [Fact]
    public void Continued_body_is_one_line()
    {
        var request = """{"model":"m","messages":[{"role":"user","content":"a"}]}"""u8.ToArray();
        var answer = "{\n \"choices\": [\n {\"message\": {\"role\":\"assistant\",\"content\":\"b\\nc\"}}]}"u8.ToArray();

        Assert.DoesNotContain((byte)'\n', Subject.Continue(BatchEndpoint.Chat, request, answer, [new ChatMessage(ChatRole.User, "d\ne")]));
    }

    [Theory]
    [InlineData("""{"error":{"message":"no"}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Answer_without_a_message_is_refused(string answer) => Assert.Throws<OffpeakException>(() => Subject.Continue(
        BatchEndpoint.Chat, """{"model":"m","messages":[]}"""u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(answer), [Result]));

    [Theory]
    [InlineData("""{"max_tokens":100}""", """{"max_tokens":200}""")]
    [InlineData("""{"max_completion_tokens":101,"n":1}""", """{"max_completion_tokens":202,"n":1}""")]
    [InlineData("""{"max_output_tokens":7}""", """{"max_output_tokens":14}""")]
    public void Output_limit_is_raised_under_whichever_name_it_has(string before, string after)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(before);

        Assert.Equal(after, System.Text.Encoding.UTF8.GetString(Subject.RaiseOutputLimit(BatchEndpoint.Chat, body, 2)!));
    }

    [Fact]
    public void Request_without_a_limit_has_none_to_raise() =>
        Assert.Null(Subject.RaiseOutputLimit(BatchEndpoint.Chat, """{"max_tokens":null,"n":1}"""u8.ToArray(), 2));

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    public void Schema_is_read_back_from_where_the_client_puts_it(string path)
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<int[]>() };
        var body = Subject.Encode("gpt-5", new(path), [new ChatMessage(ChatRole.User, "hi")], options);

        Assert.Contains("integer", Subject.ReadSchema(new(path), body), StringComparison.Ordinal);
        Assert.Null(Subject.ReadSchema(new(path), Subject.Encode("gpt-5", new(path), [new ChatMessage(ChatRole.User, "hi")])));
    }

    [Theory]
    [InlineData("""{"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1.5,2]}],"model":"m"}""")]
    [InlineData("""{"data":[{"index":0,"embedding":"AADAPwAAAEA="}],"model":"m"}""")]
    public void Vectors_are_read_in_order_as_numbers_or_base64(string body) =>
        Assert.Equal([1.5f, 2f], Subject.DecodeEmbeddings(System.Text.Encoding.UTF8.GetBytes(body))[0].Vector.ToArray());

    [Theory]
    [InlineData("""{"error":{}}""")]
    [InlineData("""{"data":[{"embedding":"###"}]}""")]
    [InlineData("{")]
    public void Body_without_vectors_cannot_be_decoded(string body) =>
        Assert.Throws<OffpeakException>(() => Subject.DecodeEmbeddings(System.Text.Encoding.UTF8.GetBytes(body)));
}
