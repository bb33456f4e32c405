using System.Net;

namespace Offpeak.Testing.Tests.Anthropic;

/// <summary>What the create call refuses as a whole, making nothing.</summary>
public sealed class CreateValidationTests : IAsyncLifetime
{
    private const string Params = """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]}""";

    private AnthropicBench bench = null!;

    public async ValueTask InitializeAsync() => bench = await AnthropicBench.StartAsync(Bench.Slow with { Providers = [new EmulatedAnthropic { MaxBatchBytes = 100_000 }] });

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Theory]
    [InlineData("has space", "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'")]
    [InlineData("", "requests.0.custom_id: String should match pattern")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg", "requests.0.custom_id: String should match pattern")]
    [InlineData("line\\n", "requests.0.custom_id: String should match pattern")]
    public Task Ids_must_match_the_pattern(string id, string message) =>
        AssertRefusedAsync($$$"""{"requests":[{"custom_id":"{{{id}}}","params":{{{Params}}}}]}""", message);

    [Fact]
    public Task Ids_must_be_unique() => AssertRefusedAsync(
        $$"""{"requests":[{"custom_id":"a","params":{{Params}}},{"custom_id":"b","params":{{Params}}},{"custom_id":"a","params":{{Params}}}]}""",
        "requests.2.custom_id: custom_id must be unique");

    [Theory]
    [InlineData("""{"requests":[]}""", "at least 1 item")]
    [InlineData("""{"other":[{"custom_id":"a","params":{}}]}""", "at least 1 item")]
    [InlineData("""{"requests":[{"custom_id":"a"}]}""", "requests.0.params: Field required")]
    [InlineData("""{"requests":[{"params":{}}]}""", "requests.0.custom_id: Field required")]
    [InlineData("""{"requests":[{"custom_id":"a","params":{}}""", "not valid JSON")]
    [InlineData("""{"requests":[{"custom_id":"a",,"params":{}}]}""", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    public Task Bodies_must_be_whole(string body, string message) => AssertRefusedAsync(body, message);

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        using var response = await bench.PostAsync($$$"""{"requests":[{"custom_id":"a","params":{"x":"{{{new string('y', 100_000)}}}"}}]}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("request_too_large", (string?)(await Bench.ReadAsync(response))["error"]!["type"]);
        Assert.Empty(bench.Emulator.Batches);
    }

    [Fact]
    public async Task Pretty_bodies_with_brackets_in_their_texts_are_read()
    {
        const string body = """
            {
              "note": "]}[{ \" \\",
              "requests" : [
                { "custom_id": "a", "params": { "model": "m", "max_tokens": 1,
                  "messages": [ { "role": "user", "content": "brackets ]}\" and [{ here" } ] } },
                { "custom_id": "b", "params": { } }
              ]
            }
            """;
        using var response = await bench.PostAsync(body);
        var id = (string)(await Bench.ReadAsync(response))["id"]!;
        bench.Advance(200);
        var results = await bench.ResultsAsync(id);
        Assert.Contains("brackets", results[0]["result"]!["message"]!["content"]![0]!["text"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("errored", (string?)results[1]["result"]!["type"]);
    }

    private async Task AssertRefusedAsync(string body, string message)
    {
        var refusal = await bench.RefusalAsync(body);
        Assert.Equal(("error", "invalid_request_error"), ((string?)refusal["type"], (string?)refusal["error"]!["type"]));
        Assert.StartsWith("req_", (string?)refusal["request_id"]);
        Assert.Contains(message, (string?)refusal["error"]!["message"]);
        Assert.Empty(bench.Emulator.Batches);
    }
}
