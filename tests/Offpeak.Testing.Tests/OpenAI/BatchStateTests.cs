using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.OpenAI;

public sealed class BatchStateTests
{
    [Fact]
    public async Task A_new_batch_shows_every_field_of_the_live_api()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.BatchAsync(await bench.SubmitAsync(Bench.Lines(2)));

        Assert.Equal(
            [
                "id", "object", "endpoint", "model", "errors", "input_file_id", "completion_window", "status", "output_file_id",
                "error_file_id", "created_at", "in_progress_at", "expires_at", "finalizing_at", "completed_at", "failed_at",
                "expired_at", "cancelling_at", "cancelled_at", "request_counts", "usage", "metadata",
            ],
            batch.AsObject().Select(property => property.Key));
        Assert.Equal((long)batch["created_at"]! + 86_400, (long)batch["expires_at"]!);
        Assert.Equal("""{"total":0,"completed":0,"failed":0}""", batch["request_counts"]!.ToJsonString());
        Assert.Null(batch["model"]);
    }

    [Theory]
    [InlineData(0, "validating", 0)]
    [InlineData(1, "in_progress", 0)]
    [InlineData(26, "in_progress", 25)]
    [InlineData(100.9, "in_progress", 99)]
    [InlineData(101, "finalizing", 100)]
    [InlineData(102, "completed", 100)]
    public async Task A_batch_moves_with_the_clock(double minutes, string status, int completed)
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Lines(100));

        bench.Clock.Advance(TimeSpan.FromMinutes(minutes));
        var batch = await bench.BatchAsync(id);

        Assert.Equal(status, (string?)batch["status"]);
        Assert.Equal(completed, (int?)batch["request_counts"]!["completed"]);
        Assert.Equal(status == "validating" ? null : "gpt-5-nano-2025-08-07", (string?)batch["model"]);
        Assert.Equal(status == "completed", batch["output_file_id"] is not null);
        Assert.Equal(status == "completed", (long)batch["usage"]!["total_tokens"]! > 0);
    }

    [Fact]
    public async Task Finalizing_can_be_skipped()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { SkipFinalizing = true });
        var id = await bench.SubmitAsync(Bench.Lines(1));

        bench.Clock.Advance(TimeSpan.FromMinutes(101));
        var batch = await bench.BatchAsync(id);

        Assert.Equal("completed", (string?)batch["status"]);
        Assert.Null(batch["finalizing_at"]);
    }

    [Fact]
    public async Task An_unfinished_batch_expires_with_its_paid_output()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { CompletionWindow = TimeSpan.FromMinutes(41) });

        var batch = await bench.FinishAsync(Bench.Lines(10));

        Assert.Equal("expired", (string?)batch["status"]);
        Assert.Equal(batch["expires_at"]!.ToJsonString(), batch["expired_at"]!.ToJsonString());
        Assert.Equal("""{"total":10,"completed":4,"failed":0}""", batch["request_counts"]!.ToJsonString());
        Assert.Equal(4, (await bench.LinesOfAsync(batch["output_file_id"])).Count);
        var expired = await bench.LinesOfAsync(batch["error_file_id"]);
        Assert.Equal(Enumerable.Range(5, 6).Select(i => $"r-{i}"), expired.Select(line => (string?)line["custom_id"]));
        Assert.All(expired, line => Assert.Equal("batch_expired", (string?)line["error"]!["code"]));
        Assert.All(expired, line => Assert.Null(line["response"]));
    }

    [Fact]
    public async Task A_cancel_while_validating_leaves_no_output()
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Lines(10));

        (await bench.Http.PostAsync($"v1/batches/{id}/cancel", null)).EnsureSuccessStatusCode();
        bench.Clock.Advance(TimeSpan.FromMinutes(10));
        var batch = await bench.BatchAsync(id);

        Assert.Equal("cancelled", (string?)batch["status"]);
        Assert.Null(batch["in_progress_at"]);
        Assert.Null(batch["output_file_id"]);
    }

    [Fact]
    public async Task Result_lines_look_like_the_live_ones()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Line("a"));

        var line = Assert.Single(await bench.LinesOfAsync(batch["output_file_id"]));
        Assert.Equal(["id", "custom_id", "response", "error"], line.AsObject().Select(property => property.Key));
        Assert.StartsWith("batch_req_", (string)line["id"]!, StringComparison.Ordinal);
        Assert.Equal(200, (int?)line["response"]!["status_code"]);
        Assert.True(Guid.TryParse((string)line["response"]!["request_id"]!, out _));
        Assert.Equal("default", (string?)line["response"]!["body"]!["service_tier"]);
        Assert.Null(batch["error_file_id"]);
        Assert.EndsWith("\n", await bench.TextOfAsync(batch["output_file_id"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_in_which_all_failed_has_no_output_file()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Answers = _ => EmulatedAnswer.Fail(400, "max_tokens is too large");

        var batch = await bench.FinishAsync(Bench.Lines(3));

        Assert.Equal("completed", (string?)batch["status"]);
        Assert.Null(batch["output_file_id"]);
        Assert.Null(batch["errors"]);
        Assert.Equal("""{"total":3,"completed":0,"failed":3}""", batch["request_counts"]!.ToJsonString());
        var line = (await bench.LinesOfAsync(batch["error_file_id"]))[0];
        Assert.Null(line["error"]);
        Assert.Equal("max_tokens is too large", (string?)line["response"]!["body"]!["error"]!["message"]);
    }

    [Fact]
    public async Task Batch_usage_is_the_sum_of_its_lines()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Lines(20));

        var usages = (await bench.LinesOfAsync(batch["output_file_id"])).Select(line => line["response"]!["body"]!["usage"]!).ToList();
        Assert.Equal(usages.Sum(usage => (long)usage["prompt_tokens"]!), (long)batch["usage"]!["input_tokens"]!);
        Assert.Equal(usages.Sum(usage => (long)usage["completion_tokens"]!), (long)batch["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task Shuffled_results_hold_all_ids_in_an_order_that_the_seed_decides()
    {
        var first = await ShuffledIdsAsync(1);

        Assert.Equal(first, await ShuffledIdsAsync(1));
        Assert.NotEqual(first, await ShuffledIdsAsync(2));
        Assert.NotEqual(Ids, first);
        Assert.Equal(Ids.Order(), first.Order());
    }

    [Fact]
    public async Task Retention_hides_old_batches_from_clients_only()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { BatchRetention = TimeSpan.FromDays(1) });
        var id = await bench.SubmitAsync(Bench.Line("a"));

        bench.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(404, (int)(await bench.Http.GetAsync($"v1/batches/{id}")).StatusCode);
        Assert.Empty((await bench.GetAsync("v1/batches"))["data"]!.AsArray());
        Assert.Equal("completed", Assert.Single(bench.Emulator.Batches).Status);
    }

    [Fact]
    public async Task A_batch_answers_as_the_synchronous_call_does()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Line("a"));
        var body = JsonNode.Parse(Bench.Line("a"))!["body"]!;

        using var reply = await bench.Http.PostAsync("v1/chat/completions", new StringContent(body.ToJsonString(new() { WriteIndented = true })));
        var direct = await Bench.ReadAsync(reply);

        var line = Assert.Single(await bench.LinesOfAsync(batch["output_file_id"]));
        Assert.Equal(direct["choices"]!.ToJsonString(), line["response"]!["body"]!["choices"]!.ToJsonString());
        Assert.Equal(direct["usage"]!.ToJsonString(), line["response"]!["body"]!["usage"]!.ToJsonString());
    }

    private static IEnumerable<string?> Ids => Enumerable.Range(1, 30).Select(i => $"r-{i}");

    private static async Task<IReadOnlyList<string?>> ShuffledIdsAsync(int seed)
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { ShuffleResults = true, Seed = seed });
        var batch = await bench.FinishAsync(Bench.Lines(30));
        return [.. (await bench.LinesOfAsync(batch["output_file_id"])).Select(line => (string?)line["custom_id"])];
    }
}
