namespace Offpeak.Testing.Tests.OpenAI;

public sealed class InputValidationTests
{
    public static TheoryData<string, string, int?> BadFiles => new()
    {
        { "", "empty_file", null },
        { "\n  \n", "empty_file", null },
        { Bench.Line("a") + "\n{\"custom_id\":", "invalid_json_line", 2 },
        { Bench.Line("a") + "\n[1]", "invalid_json_line", 2 },
        { Bench.Line("a") + "\n" + Bench.Line("b") + "\n" + Bench.Line("a"), "duplicate_custom_id", 3 },
        { Bench.Line("a") + "\n" + Bench.Line("b", model: "gpt-4o"), "model_mismatch", 2 },
        { Bench.Line("a").Replace("/v1/chat/completions", "/v1/responses", StringComparison.Ordinal), "url_mismatch", 1 },
        { Bench.Line("a").Replace("custom_id", "id", StringComparison.Ordinal), "missing_required_parameter", 1 },
        { Bench.Line("a").Replace("\"body\"", "\"content\"", StringComparison.Ordinal), "missing_required_parameter", 1 },
        { Bench.Line("a").Replace("\"model\":\"gpt-5-nano\"", "\"n\":1", StringComparison.Ordinal), "missing_required_parameter", 1 },
        { Bench.Line("a").Replace("POST", "GET", StringComparison.Ordinal), "invalid_method", 1 },
        { Bench.Line("a").Replace("\"model\"", "\"stream\":true,\"model\"", StringComparison.Ordinal), "invalid_request", 1 },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_bad_file_fails_the_batch_after_its_creation(string content, string code, int? line)
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(content);

        Assert.Equal("validating", (string?)(await bench.BatchAsync(id))["status"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        var batch = await bench.BatchAsync(id);

        Assert.Equal("failed", (string?)batch["status"]);
        Assert.NotNull(batch["failed_at"]);
        Assert.Equal("list", (string?)batch["errors"]!["object"]);
        var error = Assert.Single(batch["errors"]!["data"]!.AsArray())!;
        Assert.Equal((code, line), ((string?)error["code"], (int?)error["line"]));
        Assert.Equal("""{"total":0,"completed":0,"failed":0}""", batch["request_counts"]!.ToJsonString());
        Assert.Null(batch["output_file_id"]);
    }

    [Fact]
    public async Task Every_bad_line_is_reported_by_number()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(string.Join('\n', "x", Bench.Line("a"), "y", "", "z"));

        Assert.Equal([1, 3, 5], batch["errors"]!["data"]!.AsArray().Select(error => (int)error!["line"]!));
    }

    [Fact]
    public async Task A_line_that_is_not_utf8_is_no_json()
    {
        await using var bench = await Bench.StartAsync();
        var bytes = System.Text.Encoding.Latin1.GetBytes(Bench.Line("a", "caf\u00e9"));
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(bytes), "file", "in.jsonl" } };
        var file = await Bench.ReadAsync(await bench.Http.PostAsync("v1/files", form));
        var created = await Bench.ReadAsync(await bench.PostBatchAsync((string)file["id"]!));
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        var batch = await bench.BatchAsync((string)created["id"]!);

        Assert.Equal("invalid_json_line", (string?)batch["errors"]!["data"]![0]!["code"]);
    }

    [Fact]
    public async Task Too_many_requests_fail_the_batch()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { MaxBatchRequests = 2 });
        var batch = await bench.FinishAsync(Bench.Lines(3));

        Assert.Equal("too_many_tasks", (string?)batch["errors"]!["data"]![0]!["code"]);
    }

    [Fact]
    public async Task A_file_over_the_limit_fails_the_batch()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { MaxInputFileBytes = 100 });
        var batch = await bench.FinishAsync(Bench.Lines(3));

        Assert.Contains("larger than the 100 maximum", (string?)batch["errors"]!["data"]![0]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_input_file_shows_as_a_failed_batch()
    {
        await using var bench = await Bench.StartAsync();
        using var response = await bench.PostBatchAsync("file-unknown");
        Assert.Equal(200, (int)response.StatusCode);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        var batch = await bench.BatchAsync((string)(await Bench.ReadAsync(response))["id"]!);

        Assert.Equal("failed", (string?)batch["status"]);
        Assert.Equal("input_file_id", (string?)batch["errors"]!["data"]![0]!["param"]);
    }

    [Fact]
    public async Task Enqueued_tokens_of_running_batches_count_until_they_end()
    {
        var content = Bench.Lines(4);
        await using var bench = await Bench.StartAsync(Bench.Slow with { EnqueuedTokenLimit = content.Length / 4 });

        var first = await bench.SubmitAsync(content);
        var second = await bench.SubmitAsync(content);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));
        var third = await bench.SubmitAsync(content);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));

        Assert.Equal("completed", (string?)(await bench.BatchAsync(first))["status"]);
        Assert.Equal("token_limit_exceeded", (string?)(await bench.BatchAsync(second))["errors"]!["data"]![0]!["code"]);
        Assert.Equal("completed", (string?)(await bench.BatchAsync(third))["status"]);
    }
}
