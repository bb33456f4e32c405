using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Gemini;

public sealed class BatchTests
{
    [Fact]
    public async Task A_new_batch_is_an_operation_without_done_and_with_counts_as_text()
    {
        await using var bench = await GeminiBench.StartAsync();
        var operation = await bench.CreateAsync(GeminiBench.Inline(GeminiBench.Items(2)));

        Assert.Equal(["name", "metadata"], operation.AsObject().Select(property => property.Key));
        var batch = operation["metadata"]!;
        Assert.Matches("^batches/[a-z0-9]{36}$", (string)operation["name"]!);
        Assert.Equal((string?)operation["name"], (string?)batch["name"]);
        Assert.Equal(("models/gemini-2.5-flash", "k-1", "BATCH_STATE_PENDING"), ((string?)batch["model"], (string?)batch["displayName"], (string?)batch["state"]));
        Assert.Equal("""{"requestCount":"2","pendingRequestCount":"2"}""", batch["batchStats"]!.ToJsonString());
        Assert.Equal("2026-05-01T12:00:00.000000000Z", (string?)batch["createTime"]);
        Assert.Equal("k-1", bench.Emulator.Batches.Single().Metadata["displayName"]);
    }

    [Fact]
    public async Task Counts_stand_still_until_the_end()
    {
        await using var bench = await GeminiBench.StartAsync();
        var name = (string)(await bench.CreateAsync(GeminiBench.Inline(GeminiBench.Items(4))))["name"]!;
        bench.Advance(51);
        var operation = await bench.GetAsync("v1beta/" + name);
        Assert.Equal("BATCH_STATE_RUNNING", (string?)operation["metadata"]!["state"]);
        Assert.Equal("""{"requestCount":"4","pendingRequestCount":"4"}""", operation["metadata"]!["batchStats"]!.ToJsonString());
        Assert.Null(operation["done"]);
    }

    [Fact]
    public async Task Inline_results_stand_twice_nested_twice_in_order_with_their_metadata()
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.AnswerLine(400) with { CustomId = "r-2" });
        var operation = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(3)));

        Assert.True((bool)operation["done"]!);
        Assert.Equal("BATCH_STATE_SUCCEEDED", (string?)operation["metadata"]!["state"]);
        Assert.Equal("""{"requestCount":"3","successfulRequestCount":"2","failedRequestCount":"1"}""", operation["metadata"]!["batchStats"]!.ToJsonString());
        var items = operation["response"]!["inlinedResponses"]!["inlinedResponses"]!.AsArray();
        Assert.Equal(items.ToJsonString(), operation["metadata"]!["output"]!["inlinedResponses"]!["inlinedResponses"]!.ToJsonString());
        Assert.Equal(["""{"key":"r-1","n":1}""", """{"key":"r-2","n":2}""", """{"key":"r-3","n":3}"""], items.Select(item => item!["metadata"]!.ToJsonString()));
        Assert.Equal(3, (int)items[1]!["error"]!["code"]!);
        Assert.Null(items[1]!["response"]);
        Assert.Equal("STOP", (string?)items[0]!["response"]!["candidates"]![0]!["finishReason"]);
        Assert.Equal("standard", (string?)items[0]!["response"]!["usageMetadata"]!["serviceTier"]);
    }

    [Fact]
    public async Task A_list_leaves_out_results_and_shows_old_counts()
    {
        await using var bench = await GeminiBench.StartAsync();
        Assert.Equal("{}", (await bench.GetAsync("v1beta/batches")).ToJsonString());
        await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(2)));
        var operation = (await bench.GetAsync("v1beta/batches"))["operations"]!.AsArray().Single()!;
        Assert.Equal("BATCH_STATE_SUCCEEDED", (string?)operation["metadata"]!["state"]);
        Assert.Equal("2", (string?)operation["metadata"]!["batchStats"]!["pendingRequestCount"]);
        Assert.Null(operation["metadata"]!["output"]);
        Assert.Null(operation["response"]);
    }

    [Fact]
    public async Task A_list_is_paged_newest_first()
    {
        await using var bench = await GeminiBench.StartAsync();
        for (var i = 0; i < 3; i++)
            await bench.CreateAsync(GeminiBench.Inline(GeminiBench.Items(1)));
        var first = await bench.GetAsync("v1beta/batches?pageSize=2");
        var second = await bench.GetAsync($"v1beta/batches?pageSize=2&pageToken={first["nextPageToken"]}");
        Assert.Null(second["nextPageToken"]);
        Assert.Equal(
            bench.Emulator.Batches.Reverse().Select(batch => "batches/" + batch.Id),
            first["operations"]!.AsArray().Concat(second["operations"]!.AsArray()).Select(operation => (string)operation!["name"]!));
    }

    [Fact]
    public async Task Cancel_answers_nothing_and_the_batch_ends_with_an_error_and_without_results()
    {
        await using var bench = await GeminiBench.StartAsync();
        var path = "v1beta/" + (string)(await bench.CreateAsync(GeminiBench.Inline(GeminiBench.Items(2))))["name"]!;
        bench.Advance(50);
        Assert.Equal("{}", (await bench.PostAsync(path + ":cancel", "{}")).ToJsonString());
        Assert.Equal("BATCH_STATE_RUNNING", (string?)(await bench.GetAsync(path))["metadata"]!["state"]);
        bench.Advance(6);
        var operation = await bench.GetAsync(path);
        Assert.Equal(("BATCH_STATE_CANCELLED", 1), ((string?)operation["metadata"]!["state"], (int)operation["error"]!["code"]!));
        Assert.Null(operation["response"]);
        Assert.Equal(400, (await bench.SendAsync(HttpMethod.Post, path + ":cancel", "{}")).Status);
    }

    [Theory]
    [InlineData("expired", "BATCH_STATE_EXPIRED")]
    [InlineData("failed", "BATCH_STATE_FAILED")]
    public async Task Other_early_ends_have_no_results_either(string status, string expected)
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.EndBatch(status, 0.5));
        var operation = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(2)));
        Assert.Equal(expected, (string?)operation["metadata"]!["state"]);
        Assert.True((bool)operation["done"]!);
        Assert.Null(operation["response"]);
        Assert.Null(operation["metadata"]!["output"]);
        Assert.Equal(status == "failed", operation["error"] is not null);
    }

    [Fact]
    public async Task A_deleted_batch_is_gone_with_its_results()
    {
        await using var bench = await GeminiBench.StartAsync();
        var name = (string)(await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(2))))["name"]!;
        Assert.Single(bench.Emulator.Files);
        Assert.Equal(200, (await bench.SendAsync(HttpMethod.Delete, "v1beta/" + name)).Status);
        Assert.Equal(404, (await bench.SendAsync(HttpMethod.Delete, "v1beta/" + name)).Status);
        Assert.Equal(404, (await bench.SendAsync(HttpMethod.Get, "v1beta/" + name)).Status);
        Assert.Equal("{}", (await bench.GetAsync("v1beta/batches")).ToJsonString());
        Assert.Empty(bench.Emulator.Files);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"batch":{}}""")]
    [InlineData("""{"batch":{"displayName":"x"}}""")]
    [InlineData("""{"batch":{"displayName":"x","inputConfig":{"requests":{"requests":[]}}}}""")]
    [InlineData("""{"batch":{"inputConfig":{"requests":{"requests":[{}]}}}}""")]
    [InlineData("""{"batch":{"displayName":"x","inputConfig":{"fileName":"files/a","requests":{"requests":[{}]}}}}""")]
    [InlineData("""{"batch":{"displayName":"x","metadata":{},"inputConfig":{"requests":{"requests":[{}]}}}}""")]
    public async Task A_bad_envelope_is_refused_at_once(string body)
    {
        await using var bench = await GeminiBench.StartAsync();
        var (status, answer) = await bench.SendAsync(HttpMethod.Post, GeminiBench.Model + ":batchGenerateContent", body);
        Assert.Equal((400, 400, "INVALID_ARGUMENT"), (status, (int)answer["error"]!["code"]!, (string?)answer["error"]!["status"]));
        Assert.Empty(bench.Emulator.Batches);
    }

    [Fact]
    public async Task Names_with_underscores_are_understood_and_metadata_is_free()
    {
        await using var bench = await GeminiBench.StartAsync();
        var operation = await bench.FinishAsync(
            """{"batch":{"display_name":"k","input_config":{"requests":{"requests":[{"request":{"contents":[{"parts":[{"text":"hi"}]}]},"metadata":{"custom_id":"c"}}]}}}}""");
        Assert.Equal("""{"custom_id":"c"}""", operation["response"]!["inlinedResponses"]!["inlinedResponses"]![0]!["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task A_full_queue_is_a_429_with_googles_words()
    {
        await using var bench = await GeminiBench.StartAsync(Bench.Slow with { EnqueuedTokenLimit = 100 });
        await bench.CreateAsync(GeminiBench.Inline(GeminiBench.Items(1)));
        var (status, answer) = await bench.SendAsync(HttpMethod.Post, GeminiBench.Model + ":batchGenerateContent", GeminiBench.Inline(GeminiBench.Items(2)));
        Assert.Equal((429, "RESOURCE_EXHAUSTED"), (status, (string?)answer["error"]!["status"]));
        Assert.Single(bench.Emulator.Batches);
    }

    [Theory]
    [InlineData(FaultAction.MalformLine)]
    [InlineData(FaultAction.OmitLine)]
    [InlineData(FaultAction.DuplicateLine)]
    [InlineData(FaultAction.RenameLine)]
    [InlineData(FaultAction.ContradictLine)]
    public async Task Faults_of_lines_strike_inline_results_too(FaultAction action)
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Lines(action));
        var operation = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(2)));
        var items = operation["response"]!["inlinedResponses"]!["inlinedResponses"]!.AsArray();
        var keys = items.Select(item => item is JsonObject ? (string?)item["metadata"]!["key"] : "?").ToList();
        Assert.Equal(
            action switch
            {
                FaultAction.MalformLine => ["?", "r-2"],
                FaultAction.OmitLine => ["r-2"],
                FaultAction.RenameLine => ["r-1-unknown", "r-2"],
                _ => ["r-1", "r-1", "r-2"],
            },
            keys);
        Assert.Equal(action == FaultAction.ContradictLine, items.Any(item => item is JsonObject && item["error"] is not null));
    }

    [Fact]
    public async Task A_patch_reaches_an_operation_with_inline_results()
    {
        await using var bench = await GeminiBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Patch(EmulatorOperation.GetBatch, """{"metadata":{"state":"BATCH_STATE_PONDERING"}}"""));
        var operation = await bench.FinishAsync(GeminiBench.Inline(GeminiBench.Items(2)));
        Assert.Equal("BATCH_STATE_PONDERING", (string?)operation["metadata"]!["state"]);
        Assert.Equal(2, operation["response"]!["inlinedResponses"]!["inlinedResponses"]!.AsArray().Count);
    }
}
