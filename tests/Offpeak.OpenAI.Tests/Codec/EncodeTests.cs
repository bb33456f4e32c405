using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.TestKit;
using SdkChatClient = OpenAI.Chat.ChatClient;
using SdkClientOptions = OpenAI.OpenAIClientOptions;
using SdkResponsesClient = OpenAI.Responses.ResponsesClient;
using SdkResponsesClientOptions = OpenAI.Responses.ResponsesClientOptions;

#pragma warning disable OPENAI001 // The Responses surface of the SDK carries this experimental mark.

namespace Offpeak.OpenAI.Tests.Codec;

public class EncodeTests
{
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly OpenAICodec Codec = new();

    public static TheoryData<string> Cases => [.. Messages.Keys];

    private static Dictionary<string, (ChatMessage[] Messages, ChatOptions? Options)> Messages { get; } = new()
    {
        ["plain"] = ([new(ChatRole.User, "hi")], null),
        ["system"] = ([new(ChatRole.System, "be brief"), new(ChatRole.User, "é 😀 \" \n <b>")], null),
        ["settings"] = ([new(ChatRole.User, "hi")], new() { Temperature = 0.2f, MaxOutputTokens = 77, TopP = 0.9f, Instructions = "be kind" }),
        ["image"] = ([new(ChatRole.User, [new TextContent("what is it?"), new DataContent(Pixel, "image/png")])], null),
        ["image url"] = ([new(ChatRole.User, [new UriContent("https://example.org/a.png", "image/png")])], null),
        ["tools"] = ([new(ChatRole.User, "weather?")], new() { Tools = [Weather()], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false }),
        ["tool history"] = (
            [
                new(ChatRole.User, "weather?"),
                new(ChatRole.Assistant, [new FunctionCallContent("call_1", "weather", new Dictionary<string, object?> { ["city"] = "Ulm" })]),
                new(ChatRole.Tool, [new FunctionResultContent("call_1", "rain")]),
            ], new() { Tools = [Weather()] }),
        ["schema"] = ([new(ChatRole.User, "hi")], new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Answer>() }),
        ["reasoning"] = ([new(ChatRole.User, "hi")], new() { Reasoning = new() { Effort = ReasoningEffort.Low } }),
        ["json mode"] = ([new(ChatRole.User, "json")], new() { ResponseFormat = ChatResponseFormat.Json }),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Chat_body_is_what_the_synchronous_client_sends(string name) => AssertSame(name, BatchEndpoint.Chat);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Responses_body_is_what_the_synchronous_client_sends(string name) => AssertSame(name, BatchEndpoint.Responses);

    [Fact]
    public void Chat_body_carries_stop_seed_and_penalties()
    {
        var body = Encode(BatchEndpoint.Chat, new() { StopSequences = ["END"], Seed = 7, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f });
        Assert.Equal("END", body.GetProperty("stop")[0].GetString());
        Assert.Equal(7, body.GetProperty("seed").GetInt32());
        Assert.Equal(0.5, body.GetProperty("frequency_penalty").GetDouble());
        Assert.Equal(0.25, body.GetProperty("presence_penalty").GetDouble());
    }

    [Theory]
    [InlineData("/v1/chat/completions", "TopK")]
    [InlineData("/v1/responses", "TopK")]
    [InlineData("/v1/responses", "StopSequences")]
    [InlineData("/v1/responses", "Seed")]
    [InlineData("/v1/responses", "FrequencyPenalty")]
    [InlineData("/v1/responses", "PresencePenalty")]
    [InlineData("/v1/chat/completions", "ConversationId")]
    [InlineData("/v1/chat/completions", "AllowBackgroundResponses")]
    [InlineData("/v1/responses", "AllowBackgroundResponses")]
    [InlineData("/v1/chat/completions", "AdditionalProperties[\"service_tier\"]")]
    [InlineData("/v1/responses", "AdditionalProperties[\"service_tier\"]")]
    [InlineData("/v1/chat/completions", "ModelId")]
    [InlineData("/v1/chat/completions", "Tools")]
    public void A_setting_that_would_be_lost_is_refused_by_name(string endpoint, string setting)
    {
        var options = setting switch
        {
            "TopK" => new ChatOptions { TopK = 3 },
            "StopSequences" => new() { StopSequences = ["x"] },
            "Seed" => new() { Seed = 1 },
            "FrequencyPenalty" => new() { FrequencyPenalty = 1 },
            "PresencePenalty" => new() { PresencePenalty = 1 },
            "ConversationId" => new() { ConversationId = "c" },
            "AllowBackgroundResponses" => new() { AllowBackgroundResponses = true },
            "ModelId" => new() { ModelId = "other" },
            "Tools" => new() { Tools = [new HostedCodeInterpreterTool()] },
            _ => new() { AdditionalProperties = new() { ["service_tier"] = "flex" } },
        };
        var refusal = Assert.Throws<OffpeakException>(() => Codec.Encode("m", new(endpoint), [new(ChatRole.User, "secret prompt")], options));
        Assert.Equal(OffpeakErrorCode.InvalidInput, refusal.Code);
        Assert.Contains(setting, refusal.Message);
        Assert.DoesNotContain("secret", refusal.ToString());
    }

    [Fact]
    public void Raw_representation_reaches_the_body()
    {
        var body = Encode(BatchEndpoint.Chat, new()
        {
            RawRepresentationFactory = _ => new global::OpenAI.Chat.ChatCompletionOptions { StoredOutputEnabled = false },
        });
        Assert.False(body.GetProperty("store").GetBoolean());
    }

    [Fact]
    public void Endpoints_without_messages_are_refused() => Assert.Equal(
        OffpeakErrorCode.InvalidInput,
        Assert.Throws<OffpeakException>(() => Codec.Encode("m", BatchEndpoint.Embeddings, [new(ChatRole.User, "x")])).Code);

    [Fact]
    public void Embeddings_hold_model_and_input() => Assert.Equal(
        """{"model":"e","input":"a \"é\" \n b"}""", Encoding.UTF8.GetString(Codec.EncodeEmbedding("e", "a \"é\" \n b")));

    [Fact]
    public void Encoding_in_parallel_does_not_mix_bodies() => Parallel.For(0, 2_000, new() { MaxDegreeOfParallelism = 8 }, i =>
    {
        var endpoint = i % 2 == 0 ? BatchEndpoint.Chat : BatchEndpoint.Responses;
        var body = Encoding.UTF8.GetString(Codec.Encode("model-" + i % 3, endpoint, [new(ChatRole.User, $"number {i}.")]));
        Assert.Contains($"number {i}.", body);
        Assert.Contains($"\"model-{i % 3}\"", body);
        Assert.Contains(i % 2 == 0 ? "\"messages\"" : "\"input\"", body);
    });

    private static async Task AssertSame(string name, BatchEndpoint endpoint)
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(
            context, endpoint == BatchEndpoint.Chat
                ? """{"id":"c","object":"chat.completion","created":0,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}"""
                : """{"id":"r","object":"response","created_at":0,"status":"completed","model":"m","output":[]}"""));
        var (messages, options) = Messages[name];
        using var client = SynchronousClient(endpoint, new Uri(server.Url + "/v1"));
        await client.GetResponseAsync(messages, options);
        var call = Assert.Single(server.Calls);

        var body = Codec.Encode("gpt-test", endpoint, messages, options);

        Assert.Equal(endpoint.Path, call.Path);
        Assert.Equal(Compact(call.Text), Encoding.UTF8.GetString(body));
        Assert.DoesNotContain((byte)'\n', body);
    }

    private static IChatClient SynchronousClient(BatchEndpoint endpoint, Uri url)
    {
        var credential = new System.ClientModel.ApiKeyCredential("k");
        return endpoint == BatchEndpoint.Chat
            ? new SdkChatClient("gpt-test", credential, new SdkClientOptions { Endpoint = url }).AsIChatClient()
            : new SdkResponsesClient(credential, new SdkResponsesClientOptions { Endpoint = url }).AsIChatClient("gpt-test");
    }

    private static JsonElement Encode(BatchEndpoint endpoint, ChatOptions options) =>
        JsonDocument.Parse(Codec.Encode("m", endpoint, [new(ChatRole.User, "hi")], options)).RootElement;

    /// <summary>Leaves out blanks between tokens, by another way than the product's.</summary>
    private static string Compact(string json)
    {
        var compact = new StringBuilder();
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (inString && json[i] == '\\')
                compact.Append(json[i++]);
            else if (json[i] == '"')
                inString = !inString;
            if (inString || !char.IsWhiteSpace(json[i]))
                compact.Append(json[i]);
        }

        return compact.ToString();
    }

    private static AIFunction Weather() => AIFunctionFactory.Create((string city, int days = 1) => city + days, "weather", "Tells the weather.");

    private sealed record Answer(string Text, int Score);
}
