using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Gemini.Tests.Support;

namespace Offpeak.Gemini.Tests.Codec;

public class EncodeTests
{
    private static readonly GeminiCodec Codec = new();

    [Fact]
    public void Roles_are_user_and_model_and_system_texts_become_one_instruction() => AssertBody(
        """
        {"contents":[{"role":"user","parts":[{"text":"é 😀 \" \n <b>"}]},{"role":"model","parts":[{"text":"yes"}]},{"role":"user","parts":[{"text":"a"},{"text":"b"}]}],
        "systemInstruction":{"parts":[{"text":"be kind"},{"text":"be brief"},{"text":"and true"}]}}
        """,
        [
            new(ChatRole.System, "be brief"), new(ChatRole.User, "é 😀 \" \n <b>"), new(ChatRole.Assistant, "yes"),
            new(ChatRole.System, "and true"), new(ChatRole.User, [new TextContent("a"), new TextContent("b")]), new(ChatRole.User, []),
        ],
        new() { Instructions = "be kind" });

    [Fact]
    public void A_body_is_one_line_without_needless_escapes()
    {
        var text = Encoding.UTF8.GetString(Codec.Encode(Make.Model, BatchEndpoint.Responses, [new(ChatRole.User, "é <b> 'x' \n + & 😀")]));
        Assert.Equal("""{"contents":[{"role":"user","parts":[{"text":"é <b> 'x' \n + & 😀"}]}]}""", text.Replace("\\uD83D\\uDE00", "😀"));
        Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public void All_settings_of_the_options_are_carried() => AssertConfig(
        """
        {"temperature":0.2,"topP":0.9,"topK":3,"maxOutputTokens":77,"seed":-7,"presencePenalty":0.25,"frequencyPenalty":0.5,"stopSequences":["END","STOP"]}
        """,
        new()
        {
            Temperature = 0.2f,
            TopP = 0.9f,
            TopK = 3,
            MaxOutputTokens = 77,
            Seed = -7,
            PresencePenalty = 0.25f,
            FrequencyPenalty = 0.5f,
            StopSequences = ["END", "STOP"],
            ModelId = Make.Model,
            ResponseFormat = ChatResponseFormat.Text,
            AllowMultipleToolCalls = true,
            AllowBackgroundResponses = false,
            ToolMode = ChatToolMode.Auto,
        });

    [Fact]
    public void A_demanded_format_is_carried()
    {
        AssertConfig("""{"responseMimeType":"application/json"}""", new() { ResponseFormat = ChatResponseFormat.Json });
        var schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"string"}}}""");
        AssertConfig(
            """{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a":{"type":"string"}}}}""",
            new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) });
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", """{"type":"OBJECT","properties":{"a":{"type":"STRING"}},"required":["a"]}""")]
    [InlineData("""{"type":["integer","null"],"minimum":1}""", """{"nullable":true,"type":"INTEGER","minimum":1}""")]
    [InlineData("""{"type":"array","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"const":"x"}}}""", """{"type":"ARRAY","items":{"type":"STRING","enum":["x"]}}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"enum":["a",null]}]}""", """{"anyOf":[{"type":"STRING"},{"nullable":true,"type":"STRING","enum":["a"]}]}""")]
    public void The_older_field_takes_a_schema_in_googles_own_form_and_gives_it_back(string schema, string expected)
    {
        var codec = new GeminiBatchProvider(new GeminiOptions { ApiKey = "k", SchemaField = GeminiSchemaField.ResponseSchema }).Codec;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema)) };
        var body = codec.Encode(Make.Model, BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, "hi")], options);

        var config = JsonElement.Parse(Encoding.UTF8.GetString(body)).GetProperty("generationConfig");
        Assert.Equal(expected, config.GetProperty("responseSchema").GetRawText());
        Assert.False(config.TryGetProperty("responseJsonSchema", out _));
        Assert.Contains("\"type\":", codec.ReadSchema(BatchEndpoint.Chat, body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"not":{"type":"string"}}""", "the word 'not' of JSON schema")]
    [InlineData("""{"type":["string","integer"]}""", "several types for one value")]
    [InlineData("""{"enum":[1,2]}""", "fixed values that are no texts")]
    [InlineData("""{"properties":{"a":true}}""", "a schema that is only true or false")]
    [InlineData("""{"$ref":"#"}""", "a schema that refers to itself")]
    [InlineData("""{"$ref":"https://example.com/a"}""", "the reference 'https://example.com/a'")]
    [InlineData("""{"prefixItems":[{"type":"string"}]}""", "the word 'prefixItems' of JSON schema")]
    public void What_the_older_field_has_no_word_for_is_refused_by_name(string schema, string what)
    {
        var codec = new GeminiBatchProvider(new GeminiOptions { ApiKey = "k", SchemaField = GeminiSchemaField.ResponseSchema }).Codec;
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema)) };

        var refusal = Assert.Throws<OffpeakException>(() => codec.Encode(Make.Model, BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, "hi")], options));

        Assert.StartsWith($"Gemini's responseSchema has no counterpart for {what}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemini-2.5-flash", ReasoningEffort.None, "\"thinkingBudget\":0")]
    [InlineData("gemini-2.5-flash", ReasoningEffort.Low, "\"thinkingBudget\":1024")]
    [InlineData("gemini-2.5-pro", ReasoningEffort.Medium, "\"thinkingBudget\":8192")]
    [InlineData("gemini-2.5-pro", ReasoningEffort.ExtraHigh, "\"thinkingBudget\":24576")]
    [InlineData("gemini-3-flash", ReasoningEffort.None, "\"thinkingLevel\":\"MINIMAL\"")]
    [InlineData("gemini-3-pro", ReasoningEffort.Low, "\"thinkingLevel\":\"LOW\"")]
    [InlineData("gemini-3-flash", ReasoningEffort.Medium, "\"thinkingLevel\":\"MEDIUM\"")]
    [InlineData("gemini-3-pro", ReasoningEffort.ExtraHigh, "\"thinkingLevel\":\"HIGH\"")]
    public void Effort_is_a_budget_or_a_level_by_the_model(string model, ReasoningEffort effort, string expected) => AssertConfig(
        $$"""{"thinkingConfig":{ {{expected}} } }""", new() { Reasoning = new() { Effort = effort, Output = ReasoningOutput.None } }, model);

    [Fact]
    public void Thoughts_are_asked_for() =>
        AssertConfig("""{"thinkingConfig":{"includeThoughts":true}}""", new() { Reasoning = new() { Output = ReasoningOutput.Full } });

    [Fact]
    public void Data_and_links_are_parts() => AssertBody(
        """
        {"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"+/8="}},{"fileData":{"mimeType":"image/png","fileUri":"https://example.org/a%2Fb.png"}},
        {"fileData":{"mimeType":"application/pdf","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a"}}]}]}
        """,
        [
            new(ChatRole.User,
            [
                new DataContent(new byte[] { 0xFB, 0xFF }, "image/png"), new UriContent("https://example.org/a%2Fb.png", "image/png"),
                new HostedFileContent("https://generativelanguage.googleapis.com/v1beta/files/a") { MediaType = "application/pdf" },
            ]),
        ]);

    [Fact]
    public void Functions_and_hosted_tools_are_declared_and_their_use_is_set() => AssertBody(
        """
        {"contents":[{"role":"user","parts":[{"text":"hi"}]}],
        "tools":[{"functionDeclarations":[{"name":"weather","description":"The weather.","parametersJsonSchema":{"type":"object"}}]},{"googleSearch":{}},{"codeExecution":{}}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["weather"]}}}
        """,
        [new(ChatRole.User, "hi")],
        new() { Tools = [new HostedWebSearchTool(), Weather(), new HostedCodeInterpreterTool()], ToolMode = ChatToolMode.RequireSpecific("weather") });

    [Theory]
    [InlineData("AUTO")]
    [InlineData("NONE")]
    [InlineData("ANY")]
    public void Every_tool_mode_is_carried(string word)
    {
        var mode = word switch { "AUTO" => ChatToolMode.Auto, "NONE" => ChatToolMode.None, _ => (ChatToolMode)ChatToolMode.RequireAny };
        var body = Body([new(ChatRole.User, "hi")], new() { Tools = [Weather()], ToolMode = mode });
        Assert.Equal($$$"""{"functionCallingConfig":{"mode":"{{{word}}}"}}""", body["toolConfig"]!.ToJsonString());
    }

    [Fact]
    public void Calls_results_thoughts_and_signatures_go_back_and_results_stand_together() => AssertBody(
        """
        {"contents":[{"role":"user","parts":[{"text":"weather?"}]},
        {"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"c2ln"},
          {"functionCall":{"id":"c1","name":"weather","args":{"city":"Ulm","days":2,"more":{"x":[1]}}},"thoughtSignature":"czI="},{"functionCall":{"name":"time","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"weather","response":{"result":"rain"}}},{"functionResponse":{"name":"time","response":{"hour":7}}},
          {"functionResponse":{"id":"c1","name":"weather","response":{"error":"boom"}}}]},
        {"role":"user","parts":[{"text":"so?"}]}]}
        """,
        [
            new(ChatRole.User, "weather?"),
            new(ChatRole.Assistant,
            [
                new TextReasoningContent("hm") { ProtectedData = "c2ln" },
                new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Ulm", ["days"] = 2, ["more"] = JsonElement.Parse("""{"x":[1]}""") })
                {
                    AdditionalProperties = new() { ["thoughtSignature"] = "czI=" },
                },
                new FunctionCallContent("offpeak-call-2-time", "time"),
            ]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "rain")]),
            new(ChatRole.Tool, [new FunctionResultContent("offpeak-call-2-time", new Dictionary<string, object?> { ["hour"] = 7 }), new FunctionResultContent("c1", null) { Exception = new InvalidOperationException("boom") }]),
            new(ChatRole.User, "so?"),
        ]);

    [Fact]
    public void More_settings_go_by_name_or_as_raw_json()
    {
        var body = Body([new(ChatRole.User, "hi")], new()
        {
            Temperature = 0.5f,
            Tools = [Weather()],
            AdditionalProperties = new()
            {
                ["safetySettings"] = new JsonArray(new JsonObject { ["category"] = "X", ["threshold"] = "OFF" }),
                ["cached_content"] = "cachedContents/1",
                ["candidate_count"] = 2,
                ["responseModalities"] = new[] { "TEXT" },
            },
            RawRepresentationFactory = _ => new JsonObject { ["generationConfig"] = new JsonObject { ["mediaResolution"] = "LOW" }, ["tools"] = new JsonArray(new JsonObject { ["urlContext"] = new JsonObject() }) },
        });
        Assert.Equal("cachedContents/1", (string?)body["cachedContent"]);
        Assert.Equal("OFF", (string?)body["safetySettings"]![0]!["threshold"]);
        Assert.Equal("""{"temperature":0.5,"mediaResolution":"LOW","candidateCount":2,"responseModalities":["TEXT"]}""", body["generationConfig"]!.ToJsonString());
        Assert.Equal(["functionDeclarations", "urlContext"], body["tools"]!.AsArray().Select(tool => tool!.AsObject().Single().Key));
    }

    [Theory]
    [InlineData("ModelId")]
    [InlineData("ConversationId")]
    [InlineData("AllowBackgroundResponses")]
    [InlineData("AllowMultipleToolCalls")]
    [InlineData("Seed")]
    [InlineData("ToolMode")]
    [InlineData("ToolMode", "None")]
    [InlineData("HostedFileSearchTool")]
    [InlineData("HostedWebSearchTool")]
    [InlineData("HostedCodeInterpreterTool")]
    [InlineData("AdditionalProperties[\"service\"]")]
    [InlineData("RawRepresentationFactory")]
    [InlineData("temperature")]
    [InlineData("thinkingConfig")]
    [InlineData("contents")]
    public void A_setting_that_would_be_lost_is_refused_by_name(string setting, string? more = null)
    {
        var options = setting switch
        {
            "ModelId" => new ChatOptions { ModelId = "other" },
            "ConversationId" => new() { ConversationId = "c" },
            "AllowBackgroundResponses" => new() { AllowBackgroundResponses = true },
            "AllowMultipleToolCalls" => new() { AllowMultipleToolCalls = false },
            "Seed" => new() { Seed = 1L << 40 },
            "ToolMode" when more is not null => new() { ToolMode = ChatToolMode.None, Tools = [new HostedWebSearchTool()] },
            "HostedWebSearchTool" => new() { Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["x"] = 1 })] },
            "ToolMode" => new() { ToolMode = ChatToolMode.RequireAny },
            "HostedFileSearchTool" => new() { Tools = [new HostedFileSearchTool()] },
            "HostedCodeInterpreterTool" => new() { Tools = [new HostedCodeInterpreterTool { Inputs = [new HostedFileContent("f")] }] },
            "RawRepresentationFactory" => new() { RawRepresentationFactory = _ => "text" },
            "temperature" => new() { Temperature = 1, RawRepresentationFactory = _ => new JsonObject { ["generationConfig"] = new JsonObject { ["temperature"] = 0 } } },
            "thinkingConfig" or "thinkingBudget" => new() { AdditionalProperties = new() { ["thinkingConfig"] = 1 }, Reasoning = new() { Effort = ReasoningEffort.Low } },
            "contents" => new() { RawRepresentationFactory = _ => new JsonObject { ["contents"] = new JsonArray() } },
            _ => new() { AdditionalProperties = new() { ["service"] = 1 } },
        };
        var refusal = Assert.Throws<OffpeakException>(() => Codec.Encode(Make.Model, BatchEndpoint.Chat, [new(ChatRole.User, "secret")], options));
        Assert.Equal(OffpeakErrorCode.InvalidInput, refusal.Code);
        Assert.Contains(setting, refusal.Message);
        Assert.DoesNotContain("secret", refusal.ToString());
    }

    [Fact]
    public void Content_that_cannot_be_sent_is_refused_by_its_kind()
    {
        void Refused(string name, ChatMessage message) => Assert.Contains(
            name, Assert.Throws<OffpeakException>(() => Codec.Encode(Make.Model, BatchEndpoint.Chat, [message])).Message);
        Refused("ErrorContent", new(ChatRole.User, [new ErrorContent("x")]));
        Refused("DataContent", new(ChatRole.System, [new DataContent(new byte[1], "image/png")]));
        Refused("function", new(ChatRole.Tool, [new FunctionResultContent("nobody", "x")]));
        Assert.Throws<OffpeakException>(() => Codec.Encode(Make.Model, BatchEndpoint.Embeddings, [new(ChatRole.User, "x")]));
    }

    [Fact]
    public void Embeddings_name_their_model() => Assert.Equal(
        """{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"é \"x\""}]}}""",
        Encoding.UTF8.GetString(Codec.EncodeEmbedding("gemini-embedding-001", "é \"x\"")));

    private static AIFunctionDeclaration Weather() =>
        AIFunctionFactory.CreateDeclaration("weather", "The weather.", JsonElement.Parse("""{"type":"object"}"""));

    private static void AssertConfig(string expected, ChatOptions options, string model = Make.Model)
    {
        var body = JsonNode.Parse(Codec.Encode(model, BatchEndpoint.Chat, [new(ChatRole.User, "hi")], options))!;
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), body["generationConfig"]!.ToJsonString());
        Assert.Equal(["contents", "generationConfig"], body.AsObject().Select(property => property.Key));
    }

    private static void AssertBody(string expected, ChatMessage[] messages, ChatOptions? options = null) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), Body(messages, options).ToJsonString());

    private static JsonNode Body(ChatMessage[] messages, ChatOptions? options = null) =>
        JsonNode.Parse(Codec.Encode(Make.Model, BatchEndpoint.Chat, messages, options))!;
}
