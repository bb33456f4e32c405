using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.OpenAI.Tests.Codec;

public sealed class TokenCountTests
{
    private static readonly OpenAICodec Subject = new();

    // 3 a message, 1 for "user", 2 for "hello world", 3 for the answer's beginning.
    [Theory]
    [InlineData("gpt-5-nano", "o200k_base")]
    [InlineData("gpt-4o-mini-2024-07-18", "o200k_base")]
    [InlineData("gpt-4-turbo", "cl100k_base")]
    public void Chat_is_counted_with_the_tokenizer_of_its_model(string model, string encoding)
    {
        var body = Subject.Encode(model, BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, "hello world")]);

        var estimate = Subject.EstimateInputTokens(model, BatchEndpoint.Chat, body);

        Assert.Equal((9, encoding, true), (estimate.Tokens, estimate.Method, estimate.IsCounted));
    }

    [Fact]
    public void Responses_input_and_instructions_are_counted()
    {
        var body = """{"model":"gpt-5","input":"hello world","instructions":"hello world"}"""u8.ToArray();

        Assert.Equal(3 + 3 + 2 + 3 + 2, Subject.EstimateInputTokens("gpt-5", BatchEndpoint.Responses, body).Tokens);
    }

    [Fact]
    public void Embeddings_are_counted()
    {
        var body = Subject.EncodeEmbedding("text-embedding-3-small", "hello world");

        Assert.Equal("cl100k_base", Subject.EstimateInputTokens("text-embedding-3-small", BatchEndpoint.Embeddings, body).Method);
    }

    [Fact]
    public void Schema_and_tools_add_tokens()
    {
        var plain = Count(null);

        Assert.True(Count(new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<int[]>() }) > plain);
        Assert.True(Count(new ChatOptions { Tools = [AIFunctionFactory.Create((int number) => number, "twice")] }) > plain);

        static long Count(ChatOptions? options) => Subject.EstimateInputTokens(
            "gpt-5", BatchEndpoint.Chat, Subject.Encode("gpt-5", BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, "hi")], options)).Tokens;
    }

    [Fact]
    public void Image_makes_the_count_an_estimate()
    {
        var picture = new ChatMessage(ChatRole.User, [new TextContent("hello"), new UriContent("https://example.com/a.png", "image/png")]);

        Assert.False(Subject.EstimateInputTokens("gpt-5", BatchEndpoint.Chat, Subject.Encode("gpt-5", BatchEndpoint.Chat, [picture])).IsCounted);
    }

    [Theory]
    [InlineData("llama-3.3-70b")]
    [InlineData("gpt5")]
    public void Model_of_somebody_else_is_estimated_by_a_stated_rule(string model)
    {
        var body = Encoding.UTF8.GetBytes("{\"model\":\"x\",\"messages\":[]}");

        var estimate = Subject.EstimateInputTokens(model, BatchEndpoint.Chat, body);

        Assert.Equal(((body.Length + 3) / 4, "bytes / 4", false), ((int)estimate.Tokens, estimate.Method, estimate.IsCounted));
    }

    [Fact]
    public void Body_that_is_no_JSON_is_estimated() =>
        Assert.False(Subject.EstimateInputTokens("gpt-5", BatchEndpoint.Chat, "{\"x"u8.ToArray()).IsCounted);
}
