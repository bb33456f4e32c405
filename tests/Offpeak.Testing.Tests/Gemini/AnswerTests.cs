using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Gemini;

public sealed class AnswerTests
{
    private const string Generate = GeminiBench.Model + ":generateContent";

    [Fact]
    public async Task The_same_question_gets_the_same_text_alone_in_a_batch_and_from_other_providers()
    {
        await using var bench = await GeminiBench.StartAsync();
        var alone = Text(await bench.PostAsync(Generate, GeminiBench.Request("Question number 1")));
        var batch = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(1)));
        Assert.Equal(alone, Text(batch["response"]!["inlinedResponses"]!["inlinedResponses"]![0]!["response"]!));

        using var openai = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent("""{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Question number 1"}]}"""),
            Headers = { { "Authorization", "Bearer x" } },
        };
        using var response = await bench.Http.SendAsync(openai);
        Assert.Equal(alone, (string?)(await Bench.ReadAsync(response))["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task A_schema_is_obeyed_and_a_demanded_function_is_called()
    {
        await using var bench = await GeminiBench.StartAsync();
        const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
        var structured = await bench.PostAsync(Generate, """{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"responseJsonSchema":@}}""".Replace("@", Schema));
        Assert.NotNull(JsonNode.Parse(Text(structured))!["city"]);

        var call = await bench.PostAsync(Generate, $$$"""
            {"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"functionDeclarations":[{"name":"a"},{"name":"weather","parametersJsonSchema":{{{Schema}}} }]}],
            "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["weather"] } } }
            """);
        var part = call["candidates"]![0]!["content"]!["parts"]![0]!;
        Assert.Equal("weather", (string?)part["functionCall"]!["name"]);
        Assert.NotNull(part["functionCall"]!["args"]!["city"]);
        Assert.NotNull(part["thoughtSignature"]);
    }

    [Fact]
    public async Task A_test_chooses_answers_by_their_key()
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Answers = request => request.CustomId switch
        {
            "r-1" => EmulatedAnswer.Say("chosen") with { FinishReason = "MAX_TOKENS" },
            "r-2" => EmulatedAnswer.Fail(503, "busy"),
            "r-3" => new() { Body = """{"promptFeedback":{"blockReason":"SAFETY"}}""" },
            _ => null,
        };
        var batch = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(4)));
        var items = batch["response"]!["inlinedResponses"]!["inlinedResponses"]!;
        Assert.Equal(("chosen", "MAX_TOKENS"), (Text(items[0]!["response"]!), (string?)items[0]!["response"]!["candidates"]![0]!["finishReason"]));
        Assert.Equal("""{"code":14,"message":"busy"}""", items[1]!["error"]!.ToJsonString());
        Assert.Equal("SAFETY", (string?)items[2]!["response"]!["promptFeedback"]!["blockReason"]);
        Assert.NotEmpty(Text(items[3]!["response"]!));
    }

    [Fact]
    public async Task Embeddings_are_unit_vectors_of_the_size_asked_for()
    {
        await using var bench = await GeminiBench.StartAsync();
        const string Body = """{"content":{"parts":[{"text":"hi"}]},"outputDimensionality":8}""";
        var alone = (await bench.PostAsync("v1beta/models/gemini-embedding-001:embedContent", Body))["embedding"]!["values"]!.AsArray();
        Assert.Equal(8, alone.Count);
        Assert.Equal(1, alone.Sum(value => (double)value! * (double)value!), 4);

        var created = await bench.PostAsync(
            "v1beta/models/gemini-embedding-001:asyncBatchEmbedContent", GeminiBench.Inline($$$"""{"request":{{{Body}}},"metadata":{"key":"e"}}"""));
        bench.Advance(103);
        var done = await bench.GetAsync("v1beta/" + (string)created["name"]!);
        var item = done["response"]!["inlinedResponses"]!["inlinedResponses"]![0]!;
        Assert.Equal(alone.ToJsonString(), item["response"]!["embedding"]!["values"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"contents":"hi"}""")]
    public async Task A_request_without_contents_is_refused(string body)
    {
        await using var bench = await GeminiBench.StartAsync();
        Assert.Equal(400, (await bench.SendAsync(HttpMethod.Post, Generate, body)).Status);
    }

    [Fact]
    public async Task The_key_comes_in_a_header_or_the_query()
    {
        await using var bench = await GeminiBench.StartAsync(Bench.Slow with { ApiKey = "AIzaTest" });
        await bench.GetAsync("v1beta/batches");
        bench.Http.DefaultRequestHeaders.Remove("x-goog-api-key");
        await bench.GetAsync("v1beta/batches?key=AIzaTest");
        Assert.Equal(403, (await bench.SendAsync(HttpMethod.Get, "v1beta/batches")).Status);
        var (status, body) = await bench.SendAsync(HttpMethod.Get, "v1beta/batches?key=wrong");
        Assert.Equal((400, "API_KEY_INVALID"), (status, (string?)body["error"]!["details"]![0]!["reason"]));
    }

    private static string Text(JsonNode answer) => (string)answer["candidates"]![0]!["content"]!["parts"]![0]!["text"]!;
}
