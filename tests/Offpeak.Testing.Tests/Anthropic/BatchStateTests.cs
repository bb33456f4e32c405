using System.Net;

namespace Offpeak.Testing.Tests.Anthropic;

/// <summary>What the official client does not show: headers, times, statuses of refusals, and faults.</summary>
public sealed class BatchStateTests : IAsyncLifetime
{
    private AnthropicBench bench = null!;

    public async ValueTask InitializeAsync() => bench = await AnthropicBench.StartAsync(Bench.Slow with { Providers = [new EmulatedAnthropic { PollAfter = TimeSpan.FromSeconds(10) }] });

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task A_wait_is_asked_for_only_while_the_batch_runs()
    {
        var batch = await bench.CreateAsync(1);
        using var running = await bench.GetReplyAsync(batch.ID);
        Assert.Equal(TimeSpan.FromSeconds(10), running.Headers.RetryAfter!.Delta);
        bench.Advance(200);
        using var ended = await bench.GetReplyAsync(batch.ID);
        Assert.Null(ended.Headers.RetryAfter);
        using var results = await bench.GetReplyAsync(batch.ID + "/results");
        Assert.Null(results.Headers.RetryAfter);
        Assert.Equal("application/x-jsonl", results.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Times_have_microseconds_and_an_offset()
    {
        var batch = await bench.GetAsync((await bench.CreateAsync(1)).ID);
        Assert.Equal("2026-05-01T12:00:00.000000+00:00", (string?)batch["created_at"]);
        Assert.Equal("2026-05-02T12:00:00.000000+00:00", (string?)batch["expires_at"]);
        Assert.Null(batch["ended_at"]);
    }

    [Fact]
    public async Task Results_before_the_end_are_refused()
    {
        var batch = await bench.CreateAsync(1);
        using var results = await bench.GetReplyAsync(batch.ID + "/results");
        Assert.Equal(HttpStatusCode.BadRequest, results.StatusCode);
    }

    [Fact]
    public async Task An_archived_batch_has_lost_its_results()
    {
        var batch = await bench.CreateAsync(1);
        bench.Advance(60 * 24 * 30);
        var archived = await bench.GetAsync(batch.ID);
        Assert.Equal("2026-05-30T12:00:00.000000+00:00", (string?)archived["archived_at"]);
        Assert.Null(archived["results_url"]);
        using var results = await bench.GetReplyAsync(batch.ID + "/results");
        Assert.Equal(HttpStatusCode.NotFound, results.StatusCode);
    }

    [Fact]
    public async Task Line_faults_strike()
    {
        bench.Emulator.Faults.Add(
            Fault.AnswerLine(529), Fault.FailLine("batch_expired") with { CustomId = "r-2" }, Fault.Lines(FaultAction.DuplicateLine) with { CustomId = "r-3" },
            Fault.Lines(FaultAction.RenameLine) with { CustomId = "r-4" }, Fault.Lines(FaultAction.OmitLine) with { CustomId = "r-5" },
            Fault.Lines(FaultAction.ContradictLine) with { CustomId = "r-6" });
        var batch = await bench.CreateAsync(6);
        bench.Advance(200);
        var results = await bench.ResultsAsync(batch.ID);

        Assert.Equal(["r-1", "r-2", "r-3", "r-3", "r-4-unknown", "r-6", "r-6"], results.Select(line => (string)line["custom_id"]!));
        Assert.Equal("overloaded_error", (string?)results[0]["result"]!["error"]!["error"]!["type"]);
        Assert.Equal("expired", (string?)results[1]["result"]!["type"]);
        Assert.Equal(["succeeded", "errored"], results.TakeLast(2).Select(line => (string)line["result"]!["type"]!));
    }

    [Fact]
    public async Task Shuffled_lines_are_all_there()
    {
        bench.Emulator.Faults.Add(Fault.Lines(FaultAction.ShuffleLines));
        var batch = await bench.CreateAsync(30);
        bench.Advance(200);
        var ids = (await bench.ResultsAsync(batch.ID)).Select(line => (string)line["custom_id"]!).ToList();
        Assert.NotEqual(Enumerable.Range(1, 30).Select(i => $"r-{i}"), ids);
        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"r-{i}").Order(), ids.Order());
    }

    [Fact]
    public async Task A_malformed_line_is_half_a_line()
    {
        bench.Emulator.Faults.Add(Fault.Lines(FaultAction.MalformLine));
        var batch = await bench.CreateAsync(2);
        bench.Advance(200);
        var lines = (await bench.Http.GetStringAsync($"v1/messages/batches/{batch.ID}/results")).Split('\n');
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => System.Text.Json.Nodes.JsonNode.Parse(lines[0]));
        Assert.Contains("\"r-2\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chosen_answers_and_refusals_are_wrapped_as_anthropic_does()
    {
        bench.Emulator.Answers = request => request.CustomId == "r-1"
            ? EmulatedAnswer.Fail(429, "slow down")
            : new EmulatedAnswer { Text = "cut", FinishReason = "max_tokens" };
        var batch = await bench.CreateAsync(2);
        bench.Advance(200);
        var results = await bench.ResultsAsync(batch.ID);
        var error = results[0]["result"]!["error"]!["error"]!;
        Assert.Equal(("rate_limit_error", "slow down"), ((string?)error["type"], (string?)error["message"]));
        var message = results[1]["result"]!["message"]!;
        Assert.Equal(("max_tokens", "cut"), ((string?)message["stop_reason"], (string?)message["content"]![0]!["text"]));
    }

    [Theory]
    [InlineData("x-api-key", "wrong", 401)]
    [InlineData("x-api-key", "right", 200)]
    [InlineData("Authorization", "Bearer right", 200)]
    [InlineData("Authorization", "Basic right", 401)]
    public async Task Keys_are_taken_from_either_header(string header, string value, int expected)
    {
        await using var emulator = await EmulatorServer.StartAsync(new EmulatorOptions { ApiKey = "right" });
        using var http = new HttpClient { BaseAddress = emulator.BaseAddress };
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        http.DefaultRequestHeaders.Add(header, value);
        using var response = await http.GetAsync("v1/messages/batches");
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.StartsWith("req_", Assert.Single(response.Headers.GetValues("request-id")));
    }

    [Fact]
    public async Task A_tool_that_must_be_called_is_called_with_fitting_input()
    {
        using var response = await bench.Http.PostAsync("v1/messages", new StringContent(
            """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"weather in Ulm"}]}],
            "tools":[{"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}],
            "tool_choice":{"type":"any"}}
            """));
        var message = await Bench.ReadAsync(response);
        Assert.Equal("tool_use", (string?)message["stop_reason"]);
        Assert.NotEmpty((string)message["content"]![0]!["input"]!["city"]!);
    }

    [Fact]
    public async Task A_schema_is_kept_to()
    {
        using var response = await bench.Http.PostAsync("v1/messages", new StringContent(
            """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"weather in Ulm"}],"output_config":{"format":{"type":"json_schema",
            "schema":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city","days"]}}}}
            """));
        var text = (string)(await Bench.ReadAsync(response))["content"]![0]!["text"]!;
        var answer = System.Text.Json.Nodes.JsonNode.Parse(text)!;
        Assert.NotEmpty((string)answer["city"]!);
        Assert.Equal(System.Text.Json.JsonValueKind.Number, answer["days"]!.GetValueKind());
    }

    [Fact]
    public async Task The_text_is_the_one_another_provider_would_give()
    {
        using var message = await bench.Http.PostAsync("v1/messages", new StringContent(
            """{"model":"m","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"The parcel arrived broken"}]}]}"""));
        using var chat = await bench.Http.PostAsync("v1/chat/completions", new StringContent(
            """{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"The parcel arrived broken"}]}"""));
        Assert.Equal(
            (string?)(await Bench.ReadAsync(chat))["choices"]![0]!["message"]!["content"],
            (string?)(await Bench.ReadAsync(message))["content"]![0]!["text"]);
    }
}
