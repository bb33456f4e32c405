using System.Text.Json;
using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Running;

public sealed class InputFormTests : CliFixture
{
    [Theory]
    [InlineData("/v1/responses", """{"model":"gpt-5-nano","input":"Hello"}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-5-nano","messages":[{"role":"user","content":"Hello"}]}""")]
    public async Task Batch_lines_pass_through_and_answers_come_in_input_order(string url, string body)
    {
        await StartEmulatorAsync(EmulatorOptions with { ShuffleResults = true });
        Write("in.jsonl", string.Concat(Enumerable.Range(1, 9).Select(n =>
            $$$"""{"custom_id":"id {{{n}}}","method":"POST","url":"{{{url}}}","body":{{{body}}}}{{{"\n"}}}""")));

        var result = (await OffpeakAsync(Run("--json"))).Exits(0);

        Assert.Equal(
            ["batch_id", "status", "entries", "cut_off", "rounds", "provider_batches", "doubts", "cost_usd"], result.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal("""{"total":9,"succeeded":9,"failed":0,"canceled":0,"expired":0}""", result.Json.GetProperty("entries").GetRawText());
        Assert.Equal(
            $$"""[{"shard_id":1,"provider_batch_id":"{{Emulator.Batches[0].Id}}","status":"ended","doubt":null,"doubles":[]}]""", result.Json.GetProperty("provider_batches").GetRawText());
        Assert.Equal(0, result.Json.GetProperty("doubts").GetInt32());
        Assert.True(result.Json.GetProperty("cost_usd").GetDecimal() > 0);
        var results = Results();
        Assert.Equal(Enumerable.Range(1, 9).Select(n => $"id {n}"), results.Select(line => line.GetProperty("id").GetString()));
        Assert.Equal(
            ["id", "status", "text", "output", "error", "finish_reason", "model", "usage", "cost_usd"],
            results[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ["input_tokens", "cached_input_tokens", "output_tokens"], results[0].GetProperty("usage").EnumerateObject().Select(field => field.Name));
        Assert.All(results, line => Assert.Equal(JsonValueKind.Null, line.GetProperty("error").ValueKind));
        Assert.Equal(url, Emulator.Batches[0].Endpoint);
        Assert.Empty(Emulator.Files);
    }

    [Fact]
    public async Task Csv_rows_fill_the_prompt_and_a_schema_shapes_the_answers()
    {
        Write("rows.csv", "id,text\na,\"two\nlines\"\nb,plain\n");
        Write("schema.json", """{"type":"object","properties":{"label":{"type":"string"}},"required":["label"],"additionalProperties":false}""");
        var bodies = Capture();

        (await OffpeakAsync(
            "run", "rows.csv", "--model", Model, "--prompt", "Label {{text}} now", "--system", "Be brief.", "--schema", "schema.json",
            "--endpoint", "chat", "--name", "My labels", "--output", "out.jsonl", "--poll", "50ms")).Exits(0).Mentions("Results: out.jsonl");

        Assert.Contains(bodies, body => body.Contains("""Label two\nlines now""", StringComparison.Ordinal));
        Assert.All(bodies, body => Assert.Contains("Be brief.", body, StringComparison.Ordinal));
        Assert.All(Results("out.jsonl"), line => Assert.True(JsonDocument.Parse(line.GetProperty("text").GetString()!).RootElement.TryGetProperty("label", out _)));
        Assert.Contains("My labels", (await OffpeakAsync("list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_and_messages_give_results_on_standard_output()
    {
        const string Input = """{"id":"a","messages":[{"role":"user","content":"Hi"}]}""" + "\n" + """{"id":"b","messages":[{"role":"system","content":"S"},{"role":"user","content":"Ho"}]}""";

        var result = (await OffpeakWithAsync(Input, "run", "-", "--model", Model, "--output", "-", "--poll", "50ms", "--json")).Exits(0);

        Assert.Equal(3, result.OutLines.Length);
        Assert.StartsWith("{\"id\":\"a\",\"status\":\"succeeded\"", result.OutLines[0], StringComparison.Ordinal);
        Assert.Equal(2, result.Json.GetProperty("entries").GetProperty("succeeded").GetInt32());
    }

    [Fact]
    public async Task Rows_of_json_without_ids_are_named_by_their_lines_and_embeddings_have_vectors()
    {
        Write("in.jsonl", "{\"text\":\"one\"}\n\n{\"text\":\"two\"}\n");

        (await OffpeakAsync(
            "run", "in.jsonl", "--model", "openai/text-embedding-3-small", "--endpoint", "embeddings", "--prompt", "{{text}}", "--poll", "50ms")).Exits(0);

        var results = Results();
        Assert.Equal(["1", "3"], results.Select(line => line.GetProperty("id").GetString()));
        Assert.All(results, line => Assert.True(line.GetProperty("output")[0].ValueKind == System.Text.Json.JsonValueKind.Number));
    }

    [Fact]
    public async Task Moderations_pass_through_raw()
    {
        Write("in.jsonl", """
            {"custom_id":"a","method":"POST","url":"/v1/moderations","body":{"model":"omni-moderation-latest","input":"a walk in the park"}}
            {"custom_id":"b","method":"POST","url":"/v1/moderations","body":{"model":"omni-moderation-latest","input":"much violence"}}
            """);

        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/omni-moderation-latest", "--poll", "50ms")).Exits(0);

        Assert.Equal([false, true], Results().Select(line => line.GetProperty("output").GetProperty("results")[0].GetProperty("flagged").GetBoolean()));
    }

    [Fact]
    public async Task The_output_replaces_an_older_one_and_leaves_nothing_else_behind()
    {
        WritePrompts();
        (await OffpeakAsync(Run())).Exits(0);

        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal(3, Results().Count);
        Assert.Equal(["in.jsonl", "in.results.jsonl", "offpeak.db"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private System.Collections.Concurrent.ConcurrentBag<string> Capture()
    {
        var bodies = new System.Collections.Concurrent.ConcurrentBag<string>();
        Emulator.Answers = request =>
        {
            bodies.Add(request.Body.GetRawText());
            return null;
        };
        return bodies;
    }
}
