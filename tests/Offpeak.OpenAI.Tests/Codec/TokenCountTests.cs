using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.OpenAI.Tests.Codec;

public sealed class TokenCountTests
{
    private static readonly OpenAICodec Subject = new();

    private static long CountOf(string text) => Subject.EstimateInputTokens("gpt-5", BatchEndpoint.Chat, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
        new { messages = new[] { new { role = "user", content = text } } })).Tokens;

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

    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog, again and again. ", 4_000)]
    [InlineData("línea número 12;\n", 4_000)]
    public void Long_text_has_as_many_tokens_as_its_parts(string sentence, int times)
    {
        var once = CountOf(string.Concat(Enumerable.Repeat(sentence, 10))) - CountOf("");

        Assert.InRange(CountOf(string.Concat(Enumerable.Repeat(sentence, times))) - CountOf(""), once * times / 10 * 0.99, once * times / 10 * 1.01);
    }

    // Not cut, the first would take minutes.
    [Theory]
    [InlineData("x", 1)]
    [InlineData("-", 1)]
    [InlineData("\uD83D\uDE00", 2)]
    public void Word_without_an_end_is_counted_in_time(string letter, double mostPerLetter)
    {
        var letters = 1_000_000 / letter.Length;

        Assert.InRange(CountOf(string.Concat(Enumerable.Repeat(letter, letters))), letters / 200, letters * mostPerLetter);
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
