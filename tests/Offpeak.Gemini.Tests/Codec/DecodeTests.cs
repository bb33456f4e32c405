using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Gemini.Tests.Support;

namespace Offpeak.Gemini.Tests.Codec;

public class DecodeTests
{
    private const string Thinking = """
        {"candidates":[{"content":{"parts":[{"text":"let me see","thought":true},{"text":"4"},{"text":"2","thoughtSignature":"c2ln"}],"role":"model"},"finishReason":"STOP","index":0},
        {"content":{"parts":[{"text":"other"}]}}],
        "usageMetadata":{"promptTokenCount":13,"candidatesTokenCount":1,"totalTokenCount":57,"thoughtsTokenCount":43,"cachedContentTokenCount":5,"toolUsePromptTokenCount":2},
        "modelVersion":"gemini-2.5-flash","responseId":"r1"}
        """;

    private const string Call = """
        {"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather","args":{"city":"Ulm","n":2}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"c2","name":"time"}},
        {"executableCode":{"language":"PYTHON","code":"1"}},{"inlineData":{"mimeType":"image/png","data":"AQI="}}]},"finishReason":"STOP"}]}
        """;

    private static readonly GeminiCodec Codec = new();

    [Fact]
    public void Text_thoughts_usage_and_names_are_decoded()
    {
        var response = Decode(Thinking);
        Assert.Equal("42", response.Text);
        Assert.Equal("let me see", response.Messages.Single().Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.Equal(("r1", "gemini-2.5-flash", ChatFinishReason.Stop), (response.ResponseId, response.ModelId, response.FinishReason));
        var usage = response.Usage!;
        Assert.Equal((15L, 44L, 57L, 5L, 43L), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Equal("other", ((JsonElement)response.RawRepresentation!).GetProperty("candidates")[1].GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString());
    }

    [Fact]
    public void Function_calls_and_what_has_no_counterpart_survive_a_round_trip()
    {
        var response = Decode(Call);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        var calls = response.Messages[0].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal(["offpeak-call-0-weather", "c2"], calls.Select(call => call.CallId));
        Assert.Equal("Ulm", calls[0].Arguments!["city"]!.ToString());
        Assert.Equal([1, 2], response.Messages[0].Contents.OfType<DataContent>().Single().Data.ToArray());

        var again = JsonNode.Parse(Codec.Encode(Make.Model, BatchEndpoint.Chat, response.Messages))!["contents"]![0]!;
        Assert.Equal(
            """{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Ulm","n":2}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"c2","name":"time","args":{}}},{"executableCode":{"language":"PYTHON","code":"1"}},{"inlineData":{"mimeType":"image/png","data":"AQI="}}]}""",
            again.ToJsonString());
    }

    [Fact]
    public void Signatures_of_texts_and_thoughts_survive_a_round_trip()
    {
        var again = JsonNode.Parse(Codec.Encode(Make.Model, BatchEndpoint.Chat, Decode(Thinking).Messages))!["contents"]![0]!["parts"]!;
        Assert.Equal("""[{"text":"let me see","thought":true},{"text":"4"},{"text":"2","thoughtSignature":"c2ln"}]""", again.ToJsonString());
    }

    [Fact]
    public void A_blocked_prompt_is_an_answer_without_a_text()
    {
        const string Blocked = """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4},"modelVersion":"m"}""";
        var response = Decode(Blocked);
        Assert.Equal((ChatFinishReason.ContentFilter, ""), (response.FinishReason, response.Text));
        Assert.Equal("SAFETY", response.Messages[0].Contents.OfType<ErrorContent>().Single().ErrorCode);
        Assert.Null(Codec.ReadText(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(Blocked)));
    }

    [Theory]
    [InlineData("MAX_TOKENS", "length")]
    [InlineData("SAFETY", "content_filter")]
    [InlineData("RECITATION", "content_filter")]
    [InlineData("OTHER", "OTHER")]
    public void Other_ends_are_told(string word, string expected) =>
        Assert.Equal(expected, Decode($$"""{"candidates":[{"finishReason":"{{word}}"}]}""").FinishReason!.Value.Value);

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"candidates":[]}""")]
    [InlineData("""{"error":{"code":3,"message":"secret","status":"INVALID_ARGUMENT"}}""")]
    public void What_is_no_answer_is_refused(string body)
    {
        var refusal = Assert.Throws<OffpeakException>(() => Decode(body));
        Assert.Equal(OffpeakErrorCode.Provider, refusal.Code);
        Assert.DoesNotContain("secret", refusal.ToString());
    }

    [Theory]
    [InlineData(Thinking, "42")]
    [InlineData(Call, null)]
    [InlineData("""{"x":{"candidates":[{"content":{"parts":[{"text":"no"}]}}]},"candidates":[{"index":0,"content":{"role":"model","parts":[{"thought":false,"text":"a"},{"text":"b","thought":true},{}]}}]}""", "a")]
    [InlineData("""{"candidates":[{"content":{"parts":[]}}]}""", null)]
    [InlineData("""{"candidates":[{"finishReason":"SAFETY"}]}""", null)]
    [InlineData("""{"candidates":"x"}""", null)]
    [InlineData("""{"candidates":[7]}""", null)]
    [InlineData("[]", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"a\ud83d"}]}}]}""", "a\uFFFD")]
    public void Text_is_read_fast(string body, string? expected)
    {
        Assert.Equal(expected, Codec.ReadText(BatchEndpoint.Responses, Encoding.UTF8.GetBytes(body)));
        Assert.Null(Codec.ReadText(BatchEndpoint.Embeddings, Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void Half_a_surrogate_pair_does_not_cost_the_answer() =>
        Assert.Equal("a\uFFFD", Decode("""{"candidates":[{"content":{"parts":[{"text":"a\ud83d"}]}}]}""").Text);

    [Fact]
    public void A_conversation_goes_on_with_the_answer_as_it_came()
    {
        const string Request = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"system_instruction":{"parts":[{"text":"be brief"}]},"generationConfig":{"temperature":0.10}}""";
        var next = Codec.Continue(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(Request), Encoding.UTF8.GetBytes(Call),
        [
            new(ChatRole.Tool, [new FunctionResultContent("offpeak-call-0-weather", "rain"), new FunctionResultContent("c2", "7")]),
            new(ChatRole.System, "and true"),
        ]);
        var body = JsonNode.Parse(next)!;
        var turns = body["contents"]!.AsArray();
        Assert.Equal(3, turns.Count);
        Assert.Equal("model", (string?)turns[1]!["role"]);
        Assert.Equal(
            JsonNode.Parse(Call)!["candidates"]![0]!["content"]!["parts"]!.ToJsonString(), turns[1]!["parts"]!.ToJsonString());
        Assert.Equal(
            """{"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"result":"rain"}}},{"functionResponse":{"id":"c2","name":"time","response":{"result":"7"}}}]}""",
            turns[2]!.ToJsonString());
        Assert.Equal("""{"parts":[{"text":"be brief"},{"text":"and true"}]}""", body["system_instruction"]!.ToJsonString());
        Assert.Contains("0.10", Encoding.UTF8.GetString(next));
        Assert.DoesNotContain((byte)'\n', next);
    }

    [Theory]
    [InlineData("{}", Call)]
    [InlineData("""{"contents":[]}""", "{}")]
    [InlineData("""{"contents":[]}""", """{"promptFeedback":{"blockReason":"SAFETY"}}""")]
    public void What_cannot_be_gone_on_from_is_refused(string request, string answer) => Assert.Throws<OffpeakException>(() =>
        Codec.Continue(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(request), Encoding.UTF8.GetBytes(answer), [new(ChatRole.User, "x")]));

    [Theory]
    [InlineData("""{"contents":[],"generationConfig":{"maxOutputTokens":100,"temperature":0.10}}""", """{"contents":[],"generationConfig":{"maxOutputTokens":200,"temperature":0.10}}""")]
    [InlineData("""{"generation_config":{"max_output_tokens":3}}""", """{"generation_config":{"max_output_tokens":6}}""")]
    [InlineData("""{"generationConfig":{}}""", null)]
    [InlineData("{}", null)]
    public void The_limit_of_output_is_raised_in_both_spellings(string request, string? expected)
    {
        var raised = Codec.RaiseOutputLimit(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(request), 2);
        Assert.Equal(expected, raised is null ? null : Encoding.UTF8.GetString(raised));
    }

    [Theory]
    [InlineData("""{"generationConfig":{"responseJsonSchema":{"type":"object"}}}""", """{"type":"object"}""")]
    [InlineData("""{"generation_config":{"response_json_schema":{"type":"array"}}}""", """{"type":"array"}""")]
    [InlineData("""{"generationConfig":{"responseSchema":{"type":"OBJECT"}}}""", """{"type":"object"}""")]
    [InlineData("""{"generation_config":{"response_schema":{"type":"ARRAY","min_items":"1","items":{"type":"string","nullable":true}}}}""", """{"type":"array","minItems":1,"items":{"type":["string","null"]}}""")]
    [InlineData("""{"generationConfig":{"responseSchema":{"nullable":true,"type":"STRING","enum":["a"],"propertyOrdering":["a"]}}}""", """{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("""{"generationConfig":{"responseSchema":{"anyOf":[{"type":"INTEGER"},{"properties":{"a_b":{"type":"NUMBER"}}}]}}}""", """{"anyOf":[{"type":"integer"},{"properties":{"a_b":{"type":"number"}}}]}""")]
    [InlineData("{}", null)]
    public void The_schema_is_read_in_both_spellings(string request, string? expected) =>
        Assert.Equal(expected, Codec.ReadSchema(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(request)));

    [Fact]
    public void Every_candidate_is_read_with_its_parts()
    {
        var choices = Codec.ReadChoices(
            BatchEndpoint.Chat,
            """{"candidates":[{"content":{"parts":[{"text":"a"},{"thought":true,"text":"hm"},{"text":"b"}]},"finishReason":"STOP"},{"finishReason":"SAFETY"},{"content":{"parts":[{"text":"c"}]}}]}"""u8);
        Assert.Equal(["ab", null, "c"], choices.Select(choice => choice.Text));
        Assert.Equal(["a", "b"], choices[0].Parts);
        Assert.Empty(Codec.ReadChoices(BatchEndpoint.Embeddings, "{}"u8));
        Assert.Empty(Codec.ReadChoices(BatchEndpoint.Chat, "{\"candidates\":[{"u8));
    }

    [Fact]
    public void Vectors_are_decoded()
    {
        Assert.Equal([0.5f, -1f], Codec.DecodeEmbeddings("""{"embedding":{"values":[0.5,-1]}}"""u8.ToArray()).Single().Vector.ToArray());
        Assert.Equal(2, Codec.DecodeEmbeddings("""{"embeddings":[{"values":[1]},{"values":[2]}]}"""u8.ToArray()).Count);
        Assert.Throws<OffpeakException>(() => Codec.DecodeEmbeddings("{}"u8.ToArray()));
        Assert.Throws<OffpeakException>(() => Codec.DecodeEmbeddings("""{"embedding":{"values":["x"]}}"""u8.ToArray()));
    }

    private static ChatResponse Decode(string body) => Codec.Decode(BatchEndpoint.Chat, Encoding.UTF8.GetBytes(body));
}
