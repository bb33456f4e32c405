using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests.Codec;

public class EncodeTests
{
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static readonly AnthropicCodec Codec = new();

    private static readonly JsonElement Pretty = JsonDocument.Parse("""
        {
          "type": "object",
          "properties": { "a": { "type": "string", "enum": [ "x y", "z" ] } },
          "required": [ "a" ],
          "additionalProperties": false
        }
        """).RootElement;

    public static TheoryData<string> Cases => [.. Messages.Keys];

    private static Dictionary<string, (ChatMessage[] Messages, ChatOptions? Options)> Messages { get; } = new()
    {
        ["plain"] = ([new(ChatRole.User, "hi")], null),
        ["system"] = ([new(ChatRole.System, "be brief"), new(ChatRole.User, "é 😀 \" \n <b>")], new() { Instructions = "be kind" }),
        ["limits"] = ([new(ChatRole.User, "hi")], new() { MaxOutputTokens = 77, StopSequences = ["END", "STOP"] }),
        ["image"] = ([new(ChatRole.User, [new TextContent("what is it?"), new DataContent(Pixel, "image/png")])], null),
        ["image url"] = ([new(ChatRole.User, [new UriContent("https://example.org/a.png", "image/png")])], null),
        ["pdf"] = ([new(ChatRole.User, [new TextContent("sum up"), new DataContent(Pixel, "application/pdf")])], null),
        ["pdf url"] = ([new(ChatRole.User, [new UriContent("https://example.org/a.pdf", "application/pdf")])], null),
        ["file"] = ([new(ChatRole.User, [new TextContent("sum up"), new HostedFileContent("file_1")])], null),
        ["tools"] = ([new(ChatRole.User, "weather?")], new() { Tools = [Weather()], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false }),
        ["one tool"] = ([new(ChatRole.User, "weather?")], new() { Tools = [Weather()], ToolMode = ChatToolMode.RequireSpecific("weather") }),
        ["no tool"] = ([new(ChatRole.User, "weather?")], new() { Tools = [Weather()], ToolMode = ChatToolMode.None }),
        ["hosted tools"] = ([new(ChatRole.User, "news?")], new() { Tools = [new HostedWebSearchTool(), Weather()] }),
        ["tool history"] = (
            [
                new(ChatRole.User, "weather?"),
                new(ChatRole.Assistant, [new FunctionCallContent("call_1", "weather", new Dictionary<string, object?> { ["city"] = "Ulm" })]),
                new(ChatRole.Tool, [new FunctionResultContent("call_1", "rain")]),
            ], new() { Tools = [Weather()] }),
        ["schema"] = ([new(ChatRole.User, "hi")], new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Answer>() }),
        ["pretty schema"] = ([new(ChatRole.User, "hi")], new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(Pretty) }),
        ["pretty tool"] = ([new(ChatRole.User, "hi")], new() { Tools = [AIFunctionFactory.CreateDeclaration("t", "a\nb", Pretty)] }),
        ["reasoning"] = ([new(ChatRole.User, "hi")], new() { Reasoning = new() { Effort = ReasoningEffort.High, Output = ReasoningOutput.Summary } }),
        ["no reasoning"] = ([new(ChatRole.User, "hi")], new() { Reasoning = new() { Effort = ReasoningEffort.None } }),
        ["thinking history"] = (
            [
                new(ChatRole.User, "hi"),
                new(ChatRole.Assistant, [new TextReasoningContent("hm") { ProtectedData = "signed" }, new TextContent("yes")]),
                new(ChatRole.User, "why?"),
            ], null),
        ["cache"] = ([new(ChatRole.System, [new TextContent("long").CacheForAnHour()]), new(ChatRole.User, "hi")], null),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Body_is_what_the_synchronous_client_sends(string name)
    {
        await using var server = await LocalServer.StartAsync((context, _) => LocalServer.WriteJsonAsync(context, DecodeTests.Plain));
        var (messages, options) = Messages[name];
        using var client = Synchronous(server.Url);
        await client.GetResponseAsync(messages, options);
        var call = Assert.Single(server.Calls);

        var body = Codec.Encode("claude-test", BatchEndpoint.Responses, messages, options);

        Assert.Equal("/v1/messages", call.Path);
        Assert.Equal(Compact(call.Text), Encoding.UTF8.GetString(body));
        Assert.DoesNotContain((byte)'\n', body);
        Assert.Equal(body, Codec.Encode("claude-test", BatchEndpoint.Chat, messages, options));
    }

    [Fact]
    public async Task What_the_client_leaves_out_is_added_to_what_it_sends()
    {
        ChatMessage[] messages = [new(ChatRole.User, "hi")];
        var bare = Encode(messages, new() { MaxOutputTokens = 9 });
        var body = Encode(messages, new()
        {
            MaxOutputTokens = 9,
            Temperature = 0.2f,
            TopP = 0.95f,
            TopK = 40,
            AdditionalProperties = new() { ["metadata"] = new Dictionary<string, object?> { ["user_id"] = "ü 1" }, ["service_tier"] = "auto" },
        });
        Assert.Equal(
            bare[..^1] + ""","temperature":0.2,"top_p":0.95,"top_k":40,"metadata":{"user_id":"ü 1"},"service_tier":"auto"}""", body);
    }

    [Fact]
    public void Raw_settings_win_and_are_kept()
    {
        var raw = MessageCreateParams.FromRawUnchecked(
            new Dictionary<string, JsonElement>(), new Dictionary<string, JsonElement>(), new Dictionary<string, JsonElement>
            {
                ["model"] = JsonSerializer.SerializeToElement("claude-test"),
                ["max_tokens"] = JsonSerializer.SerializeToElement(55),
                ["messages"] = JsonSerializer.SerializeToElement(Array.Empty<int>()),
                ["temperature"] = JsonSerializer.SerializeToElement(0.7),
            });
        var body = JsonNode.Parse(Encode([new(ChatRole.User, "hi")], new() { Temperature = 0.1f, RawRepresentationFactory = _ => raw }))!;
        Assert.Equal((0.7, 55), ((double)body["temperature"]!, (int)body["max_tokens"]!));
    }

    [Fact]
    public void Parallel_calls_are_forbidden_without_a_tool_mode_too()
    {
        var body = Encode([new(ChatRole.User, "hi")], new() { Tools = [Weather()], AllowMultipleToolCalls = false });
        Assert.Contains("""
            "tool_choice":{"disable_parallel_tool_use":true,"type":"auto"}
            """, body);
    }

    [Fact]
    public void The_cache_is_asked_to_live_for_an_hour()
    {
        var marked = Encode([new(ChatRole.System, [new TextContent("long").CacheForAnHour()]), new(ChatRole.User, "hi")], null);
        Assert.Contains("""
            "system":[{"type":"text","text":"long","cache_control":{"type":"ephemeral","ttl":"1h"}}]
            """, marked);
        var whole = Encode([new(ChatRole.User, "hi")], new()
        {
            AdditionalProperties = new() { ["cache_control"] = new Dictionary<string, object?> { ["type"] = "ephemeral", ["ttl"] = "1h" } },
        });
        Assert.EndsWith(""","cache_control":{"type":"ephemeral","ttl":"1h"}}""", whole);
    }

    [Fact]
    public void Output_is_limited_to_4096_tokens_unless_the_caller_says_otherwise()
    {
        Assert.Contains("\"max_tokens\":4096,", Encode([new(ChatRole.User, "hi")], null));
        Assert.Contains("\"max_tokens\":12,", Encode([new(ChatRole.User, "hi")], new() { MaxOutputTokens = 12 }));
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "Seed", new() { Seed = 7 } },
        { "FrequencyPenalty", new() { FrequencyPenalty = 0.5f } },
        { "PresencePenalty", new() { PresencePenalty = 0.5f } },
        { "ConversationId", new() { ConversationId = "c" } },
        { "AllowBackgroundResponses", new() { AllowBackgroundResponses = true } },
        { "ResponseFormat", new() { ResponseFormat = ChatResponseFormat.Json } },
        { "Tools", new() { Tools = [new HostedFileSearchTool()] } },
        { "AdditionalProperties[\"stream\"]", new() { AdditionalProperties = new() { ["stream"] = true } } },
        { "AdditionalProperties[\"messages\"]", new() { AdditionalProperties = new() { ["messages"] = 1 } } },
        { "AdditionalProperties[\"temperature\"]", new() { Temperature = 1, AdditionalProperties = new() { ["temperature"] = 0 } } },
        { "AdditionalProperties[\"odd\"]", new() { AdditionalProperties = new() { ["odd"] = new Action(() => { }) } } },
        { "ModelId", new() { ModelId = "other" } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_sent_is_refused_by_name(string name, ChatOptions options)
    {
        var refusal = Assert.Throws<OffpeakException>(() => Encode([new(ChatRole.User, "hi")], options));
        Assert.Equal(OffpeakErrorCode.InvalidInput, refusal.Code);
        Assert.Contains(name, refusal.Message);
    }

    [Theory]
    [InlineData("audio/wav")]
    [InlineData("video/mp4")]
    public void Contents_that_cannot_be_sent_are_refused_by_type(string type)
    {
        AIContent[] contents = [new DataContent(Pixel, "image/png"), new DataContent(Pixel, type), new UriContent("https://example.org/a", type)];
        foreach (var content in contents[1..])
        {
            var refusal = Assert.Throws<OffpeakException>(() => Encode([new(ChatRole.User, [new TextContent("\"source\":"), contents[0], content])], null));
            Assert.Contains(type, refusal.Message);
        }
    }

    [Fact]
    public void Endpoints_other_than_the_neutral_ones_are_refused() => Assert.Contains(
        "/v1/embeddings",
        Assert.Throws<OffpeakException>(() => Codec.Encode("m", BatchEndpoint.Embeddings, [new(ChatRole.User, "x")])).Message);

    [Fact]
    public void There_are_no_embeddings() => Assert.Null(((IBatchProvider)Make.Provider()).EmbeddingCodec);

    [Fact]
    public void Encoding_and_decoding_in_parallel_do_not_mix() => Parallel.For(0, 2_000, new() { MaxDegreeOfParallelism = 8 }, i =>
    {
        if (i % 2 == 0)
        {
            var body = Encoding.UTF8.GetString(Codec.Encode("model-" + i % 3, BatchEndpoint.Chat, [new(ChatRole.User, $"number {i}.")]));
            Assert.Contains($"number {i}.", body);
            Assert.Contains($"\"model-{i % 3}\"", body);
            return;
        }

        var answer = Encoding.UTF8.GetBytes(DecodeTests.Plain.Replace("fine", $"number {i}.", StringComparison.Ordinal));
        Assert.Equal($"number {i}.", Codec.Decode(BatchEndpoint.Chat, answer).Text);
    });

    internal static IChatClient Synchronous(string url) =>
        new AnthropicClient(new ClientOptions { ApiKey = "k", BaseUrl = url, MaxRetries = 0 }).AsIChatClient("claude-test", 4096);

    private static string Encode(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        Encoding.UTF8.GetString(Codec.Encode("claude-test", BatchEndpoint.Responses, messages, options));

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
