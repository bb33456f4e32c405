using System.Text.Json;
using System.Text.Json.Nodes;
using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Running;

/// <summary>Whoever answers, the same input gives the same output file, up to usage and cost.</summary>
public sealed class ProviderTests : CliFixture
{
    private const string Schema =
        """{"type":"object","properties":{"label":{"type":"string"},"size":{"type":"integer"}},"required":["label","size"],"additionalProperties":false}""";

    public static TheoryData<string> Others => ["anthropic", "gemini", "xai", "local"];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Settings["ANTHROPIC_BASE_URL"] = Emulator.AnthropicBaseUrl.ToString();
        Settings["GEMINI_BASE_URL"] = Emulator.GeminiBaseUrl.ToString();
        Settings["XAI_BASE_URL"] = Emulator.XAIBaseUrl.ToString();
        Settings["LOCAL_BASE_URL"] = Emulator.OpenAIBaseUrl.ToString();
        foreach (var key in (string[])["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "XAI_API_KEY", "LOCAL_API_KEY"])
            Settings[key] = Key;
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Prompts_give_the_same_output_as_with_OpenAI(string provider)
    {
        WritePrompts(12);

        Assert.Equal(await OutputAsync("openai"), await OutputAsync(provider));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Structured_answers_give_the_same_output_as_with_OpenAI(string provider)
    {
        WritePrompts(5);
        Write("schema.json", Schema);

        var output = await OutputAsync(provider, "--schema", "schema.json", "--system", "Be brief.");

        Assert.Equal(await OutputAsync("openai", "--schema", "schema.json", "--system", "Be brief."), output);
        Assert.All(output, line => Assert.Equal(JsonValueKind.Number, JsonDocument.Parse(line).RootElement.GetProperty("output").GetProperty("size").ValueKind));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("gemini")]
    [InlineData("local")]
    public async Task OpenAI_batch_lines_are_carried_over_to_a_provider_with_another_form(string provider)
    {
        Write("in.jsonl", string.Concat(Enumerable.Range(1, 3).Select(n =>
            $$$"""{"custom_id":"id {{{n}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"test-model","messages":[{"role":"system","content":"S"},{"role":"user","content":"Say {{{n}}}"}],"max_tokens":50}}{{{"\n"}}}""")));

        Assert.Equal(await OutputAsync("openai"), await OutputAsync(provider));
    }

    [Fact]
    public async Task OpenAI_batch_lines_with_something_that_has_no_counterpart_are_refused_by_name_and_nothing_is_sent()
    {
        Write("in.jsonl", """{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Hi"}],"logit_bias":{}}}""");

        var result = (await OffpeakAsync("run", "in.jsonl", "--model", "anthropic/m")).Exits(2);

        result.Mentions("Line 1: the body has \"logit_bias\".");
        Assert.Empty(Emulator.Batches);
        Assert.Equal(0, Scalar("SELECT count(*) FROM offpeak_batches"));
    }

    [Theory]
    [InlineData("groq", "groq/openai/v1")]
    [InlineData("together", "together/v1")]
    [InlineData("mistral", "mistral/v1")]
    [InlineData("openrouter", "openrouter/api/v1")]
    public async Task Server_of_OpenAIs_dialect_needs_nothing_but_its_key(string name, string path)
    {
        WritePrompts(4);
        Settings[$"{name.ToUpperInvariant()}_API_KEY"] = Key;
        Settings[$"{name.ToUpperInvariant()}_BASE_URL"] = new Uri(Emulator.BaseAddress, path).ToString();

        Assert.Equal(await OutputAsync("openai"), await OutputAsync(name));
    }

    [Fact]
    public async Task Gemini_embeddings_have_vectors_like_OpenAIs()
    {
        WritePrompts(3);

        (await OffpeakAsync("run", "in.jsonl", "--model", "gemini/gemini-embedding-001", "--endpoint", "embeddings", "--poll", "50ms")).Exits(0);

        Assert.All(Results(), line => Assert.Equal(JsonValueKind.Number, line.GetProperty("output")[0].ValueKind));
    }

    [Theory]
    [InlineData("anthropic", "ANTHROPIC_API_KEY")]
    [InlineData("gemini", "GEMINI_API_KEY")]
    [InlineData("xai", "XAI_API_KEY")]
    public async Task Missing_key_is_named(string provider, string variable)
    {
        WritePrompts(1);
        Settings[variable] = null;

        (await OffpeakAsync("run", "in.jsonl", "--model", $"{provider}/m", "--poll", "50ms")).Exits(2).Mentions($"set {variable}");
    }

    [Fact]
    public async Task Model_that_cannot_be_batched_is_refused_before_anything_is_sent()
    {
        WritePrompts(1);

        (await OffpeakAsync("run", "in.jsonl", "--model", "xai/grok-4.6")).Exits(2).Mentions("xai/grok-4.6 cannot be batched");

        Assert.Empty(Emulator.Requests);
    }

    [Fact]
    public async Task Local_server_that_is_not_there_says_so_and_loses_nothing()
    {
        WritePrompts(2);
        Settings["LOCAL_BASE_URL"] = "http://127.0.0.1:9/v1";

        (await OffpeakAsync("run", "in.jsonl", "--model", "local/llama3", "--poll", "50ms")).Exits(1).Mentions("is kept");

        Settings["LOCAL_BASE_URL"] = Emulator.OpenAIBaseUrl.ToString();
        (await OffpeakAsync("run", "in.jsonl", "--model", "local/llama3", "--poll", "50ms")).Exits(0).Mentions("Going on with batch 1");
    }

    private async Task<List<string>> OutputAsync(string provider, params string[] more)
    {
        (await OffpeakAsync(["run", "in.jsonl", "--model", $"{provider}/test-model", "--poll", "50ms", "--output", $"{provider}.jsonl", .. more])).Exits(0);
        return [.. File.ReadLines(PathOf($"{provider}.jsonl")).Select(WithoutUsage)];
    }

    private static string WithoutUsage(string line)
    {
        var result = JsonNode.Parse(line)!.AsObject();
        result.Remove("usage");
        result.Remove("cost_usd");
        return result.ToJsonString();
    }
}
