using System.Net;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Faults;

public sealed class CallFaultTests
{
    [Theory]
    [InlineData(FaultAction.DropBeforeCommit, 0)]
    [InlineData(FaultAction.DropAfterCommit, 1)]
    public async Task A_dropped_create_leaves_a_batch_only_when_cut_after_the_commit(FaultAction action, int batches)
    {
        await using var bench = await Bench.StartAsync();
        var file = await bench.UploadAsync(Bench.Line("a"));
        bench.Emulator.Faults.Add(new Fault { Action = action, On = EmulatorOperation.CreateBatch });

        await Assert.ThrowsAsync<HttpRequestException>(() => bench.PostBatchAsync((string)file["id"]!));

        Assert.Equal(batches, bench.Emulator.Batches.Count);
        Assert.Equal(1, bench.Emulator.CreateCalls);
        Assert.Null(bench.Emulator.Requests[^1].StatusCode);
        Assert.Equal(1, bench.Emulator.Faults.Struck(action));
    }

    [Theory]
    [InlineData(FaultAction.DropBeforeCommit, 0)]
    [InlineData(FaultAction.DropAfterCommit, 1)]
    public async Task A_dropped_upload_leaves_a_file_only_when_cut_after_the_commit(FaultAction action, int files)
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(new Fault { Action = action, On = EmulatorOperation.UploadFile });

        await Assert.ThrowsAsync<HttpRequestException>(() => bench.UploadAsync(Bench.Line("a")));

        Assert.Equal(files, bench.Emulator.Files.Count);
    }

    [Theory]
    [InlineData(EmulatorOperation.GetBatch)]
    [InlineData(EmulatorOperation.ListBatches)]
    [InlineData(EmulatorOperation.CancelBatch)]
    public async Task Calls_without_a_body_are_cut_too(EmulatorOperation operation)
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Line("a"));
        bench.Emulator.Faults.Add(Fault.DropAfterCommit(operation));

        await Assert.ThrowsAsync<HttpRequestException>(() => operation switch
        {
            EmulatorOperation.GetBatch => bench.Http.GetAsync($"v1/batches/{id}"),
            EmulatorOperation.ListBatches => bench.Http.GetAsync("v1/batches"),
            _ => bench.Http.PostAsync($"v1/batches/{id}/cancel", null),
        });

        Assert.Single(bench.Emulator.Requests, request => request.Operation == operation);
        Assert.Equal(operation == EmulatorOperation.CancelBatch, bench.Emulator.Batches[0].CancelRequestedAt is not null);
    }

    [Fact]
    public async Task A_fault_strikes_from_the_nth_call_for_so_many_times()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.ListBatches, 503) with { Nth = 2, Times = 2 });

        Assert.Equal([200, 503, 503, 200], await StatusesAsync(bench, "v1/batches", 4));
        Assert.Equal([200], await StatusesAsync(bench, "v1/files", 1));
    }

    [Fact]
    public async Task A_fault_without_times_strikes_until_it_is_cleared()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.ListBatches, 429) with { Times = null });

        Assert.Equal([429, 429, 429], await StatusesAsync(bench, "v1/batches", 3));
        bench.Emulator.Faults.Clear();
        Assert.Equal([200], await StatusesAsync(bench, "v1/batches", 1));
    }

    [Fact]
    public async Task A_stand_in_answer_carries_retry_after_and_its_body()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(
            Fault.Respond(EmulatorOperation.ListBatches, 429, TimeSpan.FromSeconds(7)),
            Fault.Respond(EmulatorOperation.ListFiles, 502, body: "<h1>Bad gateway</h1>"),
            Fault.Respond(EmulatorOperation.GetFile, 400, body: new JsonObject { ["odd"] = true }));

        using var limited = await bench.Http.GetAsync("v1/batches");
        using var page = await bench.Http.GetAsync("v1/files");
        using var odd = await bench.Http.GetAsync("v1/files/file-1");

        Assert.Equal(TimeSpan.FromSeconds(7), limited.Headers.RetryAfter!.Delta);
        Assert.Equal("rate_limit_error", (string?)(await Bench.ReadAsync(limited))["error"]!["type"]);
        Assert.Equal("<h1>Bad gateway</h1>", await page.Content.ReadAsStringAsync());
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""{"odd":true}""", (await Bench.ReadAsync(odd)).ToJsonString());
    }

    [Fact]
    public async Task A_refused_upload_is_read_to_its_end_so_that_the_refusal_arrives()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.UploadFile, 503));

        using var response = await bench.PostFileAsync(new string('x', 5_000_000), "a.jsonl");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(bench.Emulator.Files);
    }

    [Fact]
    public async Task Retry_after_can_ride_on_a_success()
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Line("a"));
        bench.Emulator.Faults.Add(Fault.AddRetryAfter(EmulatorOperation.GetBatch, TimeSpan.FromSeconds(10)));

        using var response = await bench.Http.GetAsync($"v1/batches/{id}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_delay_lasts_by_the_emulators_clock()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Delay(EmulatorOperation.ListBatches, TimeSpan.FromMinutes(3)));

        var call = bench.Http.GetAsync("v1/batches");
        while (bench.Emulator.Requests.Count == 0)
            await Task.Yield();
        Assert.Equal([200], await StatusesAsync(bench, "v1/files", 1));
        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            bench.Clock.Advance(TimeSpan.FromMinutes(3));
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
    }

    [Fact]
    public async Task A_truncated_download_breaks_off()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Lines(200));
        bench.Emulator.Faults.Add(Fault.Truncate(EmulatorOperation.DownloadFile, 1000));

        using var response = await bench.Http.GetAsync(Content(batch), HttpCompletionOption.ResponseHeadersRead);

        Assert.True(response.Content.Headers.ContentLength > 100_000);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);
        await Assert.ThrowsAsync<HttpIOException>(() => body.ReadExactlyAsync(new byte[1]).AsTask());
        Assert.Equal(200, (await bench.LinesOfAsync(batch["output_file_id"])).Count);
    }

    [Fact]
    public async Task A_cleanly_truncated_download_looks_whole()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Lines(200));
        bench.Emulator.Faults.Add(Fault.Truncate(EmulatorOperation.DownloadFile, 1000, cleanly: true));

        Assert.Equal(1000, (await bench.Http.GetByteArrayAsync(Content(batch))).Length);
    }

    [Fact]
    public async Task A_redirect_names_another_host()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Redirect(EmulatorOperation.DownloadFile, "http://169.254.169.254/secret"));

        using var response = await bench.Http.GetAsync("v1/files/file-1/content");

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal("169.254.169.254", response.Headers.Location!.Host);
    }

    [Fact]
    public async Task A_patch_bends_single_fields()
    {
        await using var bench = await Bench.StartAsync();
        var id = await bench.SubmitAsync(Bench.Line("a"));
        bench.Emulator.Faults.Add(
            Fault.UnknownStatus("paused"),
            Fault.NullCounts() with { Nth = 2 },
            Fault.Patch(EmulatorOperation.GetBatch, """{"output_file_id":"","request_counts":{"total":"9"},"created_at":"soon"}""") with { Nth = 3 });

        Assert.Equal("paused", (string?)(await bench.BatchAsync(id))["status"]);
        Assert.Null((await bench.BatchAsync(id))["request_counts"]);
        var third = await bench.BatchAsync(id);
        Assert.Equal(("", "9", "soon"), ((string?)third["output_file_id"], (string?)third["request_counts"]!["total"], (string?)third["created_at"]));
        Assert.Equal(0, (int?)third["request_counts"]!["completed"]);
        Assert.Equal("validating", (string?)(await bench.BatchAsync(id))["status"]);
    }

    [Fact]
    public async Task Completed_can_come_before_its_files()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.CompletedWithoutFiles(reads: 2));
        var id = await bench.SubmitAsync(Bench.Line("a"));
        await bench.BatchAsync(id);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));

        var reads = new[] { await bench.BatchAsync(id), await bench.BatchAsync(id), await bench.BatchAsync(id) };

        Assert.All(reads, read => Assert.Equal("completed", (string?)read["status"]));
        Assert.Equal([false, false, true], reads.Select(read => read["output_file_id"] is not null));
    }

    [Fact]
    public async Task A_fault_can_wait_for_one_batch()
    {
        await using var bench = await Bench.StartAsync();
        var first = await bench.SubmitAsync(Bench.Line("a"));
        var second = await bench.SubmitAsync(Bench.Line("a"));
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.GetBatch, 500) with { Batch = 2, Times = null });

        Assert.Equal([200], await StatusesAsync(bench, $"v1/batches/{first}", 1));
        Assert.Equal([500, 500], await StatusesAsync(bench, $"v1/batches/{second}", 2));
    }

    private static string Content(JsonNode batch) => $"v1/files/{batch["output_file_id"]}/content";

    private static async Task<IReadOnlyList<int>> StatusesAsync(Bench bench, string path, int calls)
    {
        var statuses = new List<int>();
        for (var i = 0; i < calls; i++)
        {
            using var response = await bench.Http.GetAsync(path);
            statuses.Add((int)response.StatusCode);
        }

        return statuses;
    }
}
