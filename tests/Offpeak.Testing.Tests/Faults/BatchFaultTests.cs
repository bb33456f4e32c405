using System.Net;

namespace Offpeak.Testing.Tests.Faults;

public sealed class BatchFaultTests
{
    [Theory]
    [InlineData("expired", "expired_at", 6)]
    [InlineData("cancelled", "cancelled_at", 0)]
    [InlineData("failed", "failed_at", 0)]
    public async Task A_batch_ends_badly_with_what_it_has_done(string status, string timestamp, int errorLines)
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.EndBatch(status, 0.4));

        var batch = await bench.FinishAsync(Bench.Lines(10));

        Assert.Equal(status, (string?)batch["status"]);
        Assert.NotNull(batch[timestamp]);
        Assert.Equal(4, (await bench.LinesOfAsync(batch["output_file_id"])).Count);
        Assert.Equal(errorLines, batch["error_file_id"] is { } file ? (await bench.LinesOfAsync(file)).Count : 0);
        Assert.Equal("""{"total":10,"completed":4,"failed":0}""", batch["request_counts"]!.ToJsonString());
    }

    [Fact]
    public async Task Only_the_next_batch_is_struck()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.EndBatch("expired", 0) with { Nth = 2 });

        Assert.Equal("completed", (string?)(await bench.FinishAsync(Bench.Line("a")))["status"]);
        var expired = await bench.FinishAsync(Bench.Line("a"));
        Assert.Equal("expired", (string?)expired["status"]);
        Assert.Null(expired["output_file_id"]);
        Assert.Equal("completed", (string?)(await bench.FinishAsync(Bench.Line("a")))["status"]);
    }

    [Fact]
    public async Task The_token_limit_shows_as_a_failed_batch()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.TokenLimitExceeded());

        var batch = await bench.FinishAsync(Bench.Line("a"));

        Assert.Equal("failed", (string?)batch["status"]);
        Assert.Equal("token_limit_exceeded", (string?)batch["errors"]!["data"]![0]!["code"]);
        Assert.Null(batch["errors"]!["data"]![0]!["line"]);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    public async Task The_token_limit_shows_on_the_create_call(int status)
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.TokenLimitExceeded(status));
        var file = await bench.UploadAsync(Bench.Line("a"));

        using var response = await bench.PostBatchAsync((string)file["id"]!);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("token_limit_exceeded", (string?)(await Bench.ReadAsync(response))["error"]!["code"]);
        Assert.Empty(bench.Emulator.Batches);
    }

    [Fact]
    public async Task A_new_batch_can_be_late_in_lists()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.HideFromList(TimeSpan.FromSeconds(30)));
        var id = await bench.SubmitAsync(Bench.Line("a"));

        Assert.Empty((await bench.GetAsync("v1/batches"))["data"]!.AsArray());
        Assert.Equal(id, (string?)(await bench.BatchAsync(id))["id"]);
        bench.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Single((await bench.GetAsync("v1/batches"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_new_batch_can_be_404_for_a_while()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.HideFromGet(TimeSpan.FromSeconds(30)));
        var id = await bench.SubmitAsync(Bench.Line("a"));

        Assert.Equal(HttpStatusCode.NotFound, (await bench.Http.GetAsync($"v1/batches/{id}")).StatusCode);
        bench.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, (await bench.Http.GetAsync($"v1/batches/{id}")).StatusCode);
    }

    [Fact]
    public async Task An_error_file_can_have_no_bytes()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(Fault.EmptyErrorFile());

        var batch = await bench.FinishAsync(Bench.Line("a"));

        Assert.Equal("", await bench.TextOfAsync(batch["error_file_id"]));
        Assert.Single(await bench.LinesOfAsync(batch["output_file_id"]));
    }

    [Fact]
    public async Task An_impossible_end_is_refused_when_it_is_armed()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Throws<ArgumentException>(() => bench.Emulator.Faults.Add(Fault.EndBatch("completed", 1)));
    }
}
