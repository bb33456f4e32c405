namespace Offpeak.Testing.Tests.OpenAI;

public sealed class DialectTests
{
    [Theory]
    [InlineData(StatusSpelling.UpperCase, "IN_PROGRESS")]
    [InlineData(StatusSpelling.TitleCase, "In_progress")]
    public async Task Statuses_are_spelled_as_told(StatusSpelling spelling, string expected)
    {
        await using var bench = await StartAsync(new OpenAIDialect { StatusSpelling = spelling });
        var id = await bench.SubmitAsync(Bench.Line("a"));
        bench.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(expected, (string?)(await bench.BatchAsync(id))["status"]);
    }

    [Fact]
    public async Task Lists_are_wrapped_as_told()
    {
        await using var value = await StartAsync(new OpenAIDialect { ListWrapper = ListWrapper.Value });
        await using var bare = await StartAsync(new OpenAIDialect { ListWrapper = ListWrapper.BareArray });
        await value.SubmitAsync(Bench.Line("a"));
        await bare.SubmitAsync(Bench.Line("a"));

        Assert.Single((await value.GetAsync("v1/batches"))["value"]!.AsArray());
        Assert.Single((await bare.GetAsync("v1/batches")).AsArray());
    }

    [Fact]
    public async Task A_create_can_be_wrapped_in_a_job()
    {
        await using var bench = await StartAsync(new OpenAIDialect { WrapCreatedJob = true });
        var file = await bench.UploadAsync(Bench.Line("a"));

        using var response = await bench.PostBatchAsync((string)file["id"]!);
        var job = (await Bench.ReadAsync(response))["job"]!;

        Assert.Equal((string?)job["id"], (string?)(await bench.BatchAsync((string)job["id"]!))["id"]);
    }

    [Fact]
    public async Task Cancelled_requests_can_be_written_to_the_error_file()
    {
        await using var bench = await StartAsync(new OpenAIDialect { WriteCancelledLines = true });
        bench.Emulator.Faults.Add(Fault.EndBatch("cancelled", 0.5));

        var batch = await bench.FinishAsync(Bench.Lines(4));

        var codes = (await bench.LinesOfAsync(batch["error_file_id"])).Select(line => (string?)line["error"]!["code"]);
        Assert.Equal(["batch_cancelled", "batch_cancelled"], codes);
    }

    private static Task<Bench> StartAsync(OpenAIDialect dialect) => Bench.StartAsync(Bench.Slow with { Providers = [new EmulatedOpenAI { Dialect = dialect }] });
}
