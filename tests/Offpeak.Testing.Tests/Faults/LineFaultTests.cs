using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Faults;

public sealed class LineFaultTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_line_with_a_bad_status_goes_to_the_error_file_without_an_error(int status)
    {
        var (batch, _, errors) = await RunAsync(Fault.AnswerLine(status, count: 2));

        Assert.Equal("""{"total":5,"completed":3,"failed":2}""", batch["request_counts"]!.ToJsonString());
        var lines = errors.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["r-1", "r-2"], lines.Select(line => (string?)line["custom_id"]));
        Assert.All(lines, line => Assert.Equal(status, (int?)line["response"]!["status_code"]));
        Assert.All(lines, line => Assert.Null(line["error"]));
    }

    [Theory]
    [InlineData("batch_expired")]
    [InlineData("batch_cancelled")]
    public async Task A_line_with_an_error_has_no_response(string code)
    {
        var (_, _, errors) = await RunAsync(Fault.FailLine(code) with { CustomId = "r-3" });

        var line = JsonNode.Parse(Assert.Single(errors))!;
        Assert.Equal("r-3", (string?)line["custom_id"]);
        Assert.Equal(code, (string?)line["error"]!["code"]);
        Assert.Null(line["response"]);
    }

    [Fact]
    public async Task A_malformed_line_is_no_json_and_the_others_are()
    {
        var (_, output, _) = await RunAsync(Fault.Lines(FaultAction.MalformLine));

        Assert.Equal(5, output.Count);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(output[0]));
        Assert.Equal(["r-2", "r-3", "r-4", "r-5"], Ids(output.Skip(1)));
    }

    [Fact]
    public async Task A_line_can_come_twice()
    {
        var (_, output, _) = await RunAsync(Fault.Lines(FaultAction.DuplicateLine));

        Assert.Equal(output[0], output[1]);
        Assert.Equal(["r-1", "r-1", "r-2", "r-3", "r-4", "r-5"], Ids(output));
    }

    [Fact]
    public async Task A_line_can_be_contradicted()
    {
        var (_, output, _) = await RunAsync(Fault.Lines(FaultAction.ContradictLine));

        Assert.Equal(["r-1", "r-1", "r-2", "r-3", "r-4", "r-5"], Ids(output));
        Assert.Equal([200, 500], output.Take(2).Select(line => (int)JsonNode.Parse(line)!["response"]!["status_code"]!));
    }

    [Fact]
    public async Task Lines_can_be_missing()
    {
        var (batch, output, _) = await RunAsync(Fault.Lines(FaultAction.OmitLine) with { Every = 2 });

        Assert.Equal(["r-1", "r-3", "r-5"], Ids(output));
        Assert.Equal(5, (int?)batch["request_counts"]!["completed"]);
    }

    [Fact]
    public async Task A_line_can_carry_an_unknown_id()
    {
        var (_, output, _) = await RunAsync(Fault.Lines(FaultAction.RenameLine));

        Assert.Equal(["r-1-unknown", "r-2", "r-3", "r-4", "r-5"], Ids(output));
    }

    [Fact]
    public async Task Lines_can_be_shuffled_together_with_other_faults()
    {
        var (_, output, _) = await RunAsync(Fault.Lines(FaultAction.ShuffleLines), Fault.Lines(FaultAction.DuplicateLine, count: 5));

        Assert.Equal(10, output.Count);
        Assert.NotEqual(Ids(output).Order(), Ids(output));
        Assert.Equal(5, Ids(output).Distinct().Count());
    }

    private static async Task<(JsonNode Batch, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> RunAsync(params Fault[] faults)
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Faults.Add(faults);
        var batch = await bench.FinishAsync(Bench.Lines(5));
        return (batch, await LinesAsync(bench, batch["output_file_id"]), await LinesAsync(bench, batch["error_file_id"]));
    }

    private static async Task<IReadOnlyList<string>> LinesAsync(Bench bench, JsonNode? file) =>
        file is null ? [] : (await bench.TextOfAsync(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string?> Ids(IEnumerable<string> lines) => lines.Select(line => (string?)JsonNode.Parse(line)!["custom_id"]);
}
