using System.Text;
using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

public sealed class BatchLineTests : InputFixture
{
    private const string Chat = "/v1/chat/completions";

    [Fact]
    public async Task Lines_are_passed_through_with_what_the_file_agrees_on()
    {
        var path = Write("in.jsonl", Line("a", "m") + "\n" + Line("b", "m"));

        await using var file = await RunInput.OpenAsync(path);
        var entries = await file.ReadAsync().ToListAsync();

        Assert.Equal((InputKind.BatchLines, 2, "m", Chat), (file.Kind, file.EntryCount, file.Model, file.Url));
        Assert.Equal(["a", "b"], entries.Select(entry => entry.CustomId));
        Assert.Equal([1, 2], entries.Select(entry => entry.Line));
        Assert.Equal("""{"model":"m","messages":[]}""", Body(entries[0]));
    }

    [Fact]
    public async Task Values_of_a_body_stay_byte_for_byte_what_they_were()
    {
        const string body = """{"model":"m","n":[1.0,1e2,-0.10,12345678901234567890],"s":"\u00e9 \/ é {\"a\" : 1}  \ud83d\ude00 \\","e":{},"t":[true,null]}""";
        var spaced = body.Replace(":[", " : [ ").Replace(",\"", " ,\t\"").Replace("}}", " } }");

        var entry = Assert.Single(await EntriesAsync(Write("in.jsonl", Wrap("a", spaced) + "\r\n")));

        Assert.Equal(body, Body(entry));
    }

    [Fact]
    public async Task A_body_may_nest_a_thousand_levels_and_no_more()
    {
        var deep = "{\"model\":\"m\",\"x\":" + new string('[', 999) + new string(']', 999) + "}";
        var deeper = "{\"model\":\"m\",\"x\":" + new string('[', 1000) + new string(']', 1000) + "}";

        Assert.Equal(deep, Body(Assert.Single(await EntriesAsync(Write("in.jsonl", Wrap("a", deep))))));
        Assert.Equal(["line 1: is nested more than 1,000 levels deep."], await ReasonsAsync("deep.jsonl", Wrap("a", deeper)));
    }

    [Theory]
    [InlineData("/chat/completions")]
    [InlineData("https://api.openai.com/v1/chat/completions")]
    [InlineData("https://box.example/openai/deployments/gpt/chat/completions?api-version=1")]
    public async Task An_url_may_be_written_out_or_without_the_version(string url)
    {
        await using var file = await RunInput.OpenAsync(Write("in.jsonl", Line("a", "m", url) + "\n" + Line("b", "m")));

        Assert.Equal(Chat, file.Url);
    }

    [Fact]
    public async Task An_id_may_be_a_number() =>
        Assert.Equal("7", Assert.Single(await EntriesAsync(Write("in.jsonl", Line("a", "m").Replace("\"a\"", "7", StringComparison.Ordinal)))).CustomId);

    [Theory]
    [InlineData("""{"custom_id":"a","params":{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}}""", "Anthropic's")]
    [InlineData("""{"key":"a","request":{"contents":[{"parts":[{"text":"x"}]}]}}""", "Gemini's")]
    [InlineData("""{"custom_id":"a","body":{"messages":[{"role":"user","content":"x"}]}}""", "Mistral's")]
    public async Task Lines_of_another_providers_format_are_named(string line, string whose) =>
        Assert.StartsWith($"line 1: is a line of {whose} batch format.", Assert.Single(await ReasonsAsync("in.jsonl", line)), StringComparison.Ordinal);

    [Fact]
    public async Task Every_bad_line_is_named_with_its_reason()
    {
        string[] lines =
        [
            Line("a", "m"),
            """{"custom_id":"b","method":"POST","url":"/v1/chat/completions"}""",
            "",
            """{"method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}""",
            """{"custom_id":"","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}""",
            """{"custom_id":{},"method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}""",
            """{"custom_id":"c","method":"GET","url":"/v1/chat/completions","body":{"model":"m"}}""",
            """{"custom_id":"d","method":"POST","url":null,"body":{"model":"m"}}""",
            """{"custom_id":"e","method":"POST","url":"/v1/chat/completions","body":[]}""",
            """{"custom_id":"f","method":"POST","url":"/v1/chat/completions","body":{}}""",
            Line("g", "other"),
            Line("h", "m", "/v1/embeddings"),
            Line("a", "m"),
        ];

        Assert.Equal(
            [
                "line 2: has no \"body\".",
                "line 4: has no \"custom_id\".",
                "line 5: has an empty \"custom_id\".",
                "line 6: has a \"custom_id\" that is not a string.",
                "line 7: has no \"method\": \"POST\".",
                "line 8: has a \"url\" that is not a string.",
                "line 9: has a \"body\" that is not a JSON object.",
                "line 10: the body has no \"model\".",
                "line 11: asks for the model \"other\", but line 1 asks for the model \"m\". Make a file of each.",
                "line 12: goes to \"/v1/embeddings\", but line 1 goes to \"/v1/chat/completions\". Make a file of each.",
                "line 13: uses the id \"a\" again, which line 1 has.",
            ],
            await ReasonsAsync("in.jsonl", string.Join('\n', lines)));
    }

    private static string Line(string id, string model, string url = Chat) =>
        Wrap(id, $$"""{"model": "{{model}}", "messages": []}""", url);

    private static string Wrap(string id, string body, string url = Chat) =>
        $$"""{"custom_id": "{{id}}", "method": "POST", "url": "{{url}}", "body": {{body}}}""";

    private static string Body(InputEntry entry) => Encoding.UTF8.GetString(Assert.IsType<RawBodyEntry>(entry).Body.Span);
}
