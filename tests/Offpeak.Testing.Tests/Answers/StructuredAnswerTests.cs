using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Answers;

public sealed class StructuredAnswerTests
{
    public static TheoryData<string> Schemas =>
    [
        """{"type":"object","properties":{"category":{"type":"string"},"urgent":{"type":"boolean"}},"required":["category","urgent"],"additionalProperties":false}""",
        """{"type":"object","properties":{"level":{"enum":["low","high",3,null]},"kind":{"const":"ticket"}},"required":["level","kind"],"additionalProperties":false}""",
        """{"type":"object","properties":{"a":{"type":"integer","minimum":5,"maximum":7},"b":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1},"c":{"type":"integer","multipleOf":25,"minimum":30,"maximum":120},"d":{"type":"integer","maximum":-5}},"required":["a","b","c","d"]}""",
        """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","minLength":40,"maxLength":50}},"required":["name"]},"minItems":4,"maxItems":6}""",
        """{"type":"object","properties":{"day":{"type":"string","format":"date"},"id":{"type":"string","format":"uuid"},"note":{"type":["string","null"]},"short":{"type":"string","maxLength":3}},"required":["day","id","note","short"]}""",
        """{"type":"object","properties":{"value":{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"},{"$ref":"#/$defs/point"}]}},"required":["value"],"$defs":{"point":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]}}}""",
        """{"$defs":{"node":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["name","children"],"additionalProperties":false}},"$ref":"#/$defs/node"}""",
        """{"type":"object","properties":{"value":{"type":"string"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["value","next"],"additionalProperties":false}""",
        """{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"b":{"type":"integer"}},"required":["b"]}]}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Chat_and_responses_answer_as_the_schema_demands(string schema)
    {
        await using var bench = await Bench.StartAsync();
        for (var i = 0; i < 25; i++)
        {
            foreach (var answer in new[] { await ChatAsync(bench, schema, $"Question {i}"), await RespondAsync(bench, schema, $"Question {i}") })
                Assert.Empty(SchemaCheck.Violations(JsonNode.Parse(answer), JsonNode.Parse(schema)!).Select(violation => $"{violation} in {answer}"));
        }
    }

    [Fact]
    public async Task The_same_question_gets_the_same_value_and_another_one_another()
    {
        const string schema = """{"type":"object","properties":{"n":{"type":"integer","minimum":0,"maximum":1000000}},"required":["n"]}""";
        await using var bench = await Bench.StartAsync();

        Assert.Equal(await ChatAsync(bench, schema, "one"), await ChatAsync(bench, schema, "one"));
        Assert.NotEqual(await ChatAsync(bench, schema, "one"), await ChatAsync(bench, schema, "two"));
    }

    [Fact]
    public async Task A_choice_named_in_the_question_is_taken()
    {
        const string schema = """{"type":"object","properties":{"team":{"enum":["billing","shipping","returns"]}},"required":["team"]}""";
        await using var bench = await Bench.StartAsync();

        Assert.Equal("""{"team":"returns"}""", await ChatAsync(bench, schema, "I have a question on returns"));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"#/$defs/nowhere"}""")]
    [InlineData("""{"type":7}""")]
    public async Task A_broken_schema_is_refused(string schema)
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.Http.PostAsync("v1/responses", new StringContent(
            $$$$"""{"model":"gpt-5-nano","input":"x","text":{"format":{"type":"json_schema","name":"a","schema":{{{{schema}}}}}}}"""));

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_schema_without_an_end_gets_an_answer_with_one()
    {
        await using var bench = await Bench.StartAsync();
        var answer = await ChatAsync(bench, """{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}""", "x");

        Assert.EndsWith("null" + new string('}', 65), answer, StringComparison.Ordinal);
    }

    private static async Task<string> ChatAsync(Bench bench, string schema, string question) =>
        (string)(await PostAsync(bench, "v1/chat/completions", new JsonObject
        {
            ["model"] = "gpt-5-nano",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
            ["response_format"] = new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = "answer", ["schema"] = JsonNode.Parse(schema) },
            },
        }))["choices"]![0]!["message"]!["content"]!;

    private static async Task<string> RespondAsync(Bench bench, string schema, string question) =>
        (string)(await PostAsync(bench, "v1/responses", new JsonObject
        {
            ["model"] = "gpt-5-nano",
            ["input"] = question,
            ["text"] = new JsonObject
            {
                ["format"] = new JsonObject { ["type"] = "json_schema", ["name"] = "answer", ["schema"] = JsonNode.Parse(schema) },
            },
        }))["output"]![0]!["content"]![0]!["text"]!;

    private static async Task<JsonNode> PostAsync(Bench bench, string path, JsonObject body)
    {
        using var response = await bench.Http.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await Bench.ReadAsync(response);
    }
}
