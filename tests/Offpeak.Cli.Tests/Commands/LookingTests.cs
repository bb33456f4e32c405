using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Commands;

public sealed partial class LookingTests : CliFixture
{
    private const string Hostile = "\u001b[2J\u009b31m\u0007\u202eevil\r\n=cmd";

    [Fact]
    public async Task List_of_a_thousand_batches_is_one_line_each()
    {
        (await OffpeakAsync("list")).Exits(0).Mentions("No batches in offpeak.db yet; start one with 'offpeak run'.");
        Assert.False(File.Exists(PathOf("offpeak.db")));
        await using (var services = await CliServices.OpenAsync(new Database(PathOf("offpeak.db"), IsNamed: true), default))
        {
            var client = services.GetRequiredService<BatchClient>();
            for (var n = 1; n <= 1_000; n++)
                await client.CreateAsync(new NewBatch(Model) { Name = $"batch {n} with a rather long name that goes on and on" });
        }

        var begun = TimeProvider.System.GetTimestamp();
        var table = (await OffpeakAsync("list", "--limit", "1000")).Exits(0);
        TestContext.Current.TestOutputHelper!.WriteLine($"list of 1,000 batches: {TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds:N0} ms");

        Assert.Equal(1_001, table.OutLines.Length);
        Assert.StartsWith("  ID  NAME", table.OutLines[0], StringComparison.Ordinal);
        Assert.StartsWith("1000  batch 1000 with a rather long name that goes on and on", table.OutLines[1], StringComparison.Ordinal);
        Assert.Equal(50, (await OffpeakAsync("list", "--json")).OutLines.Select(line => JsonDocument.Parse(line)).Count());
        Assert.Single((await ShellAsync("offpeak list | head -1")).Exits(0).OutLines);
        var narrow = await OnTerminalAsync(80, "list");
        Assert.All(narrow, line => Assert.True(line.Length <= 80, line));
        Assert.StartsWith("1000  batch 1000 with ", narrow[1], StringComparison.Ordinal);
        Assert.Contains(Model, narrow[1], StringComparison.Ordinal);
        Assert.Contains("FAILED", narrow[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_file_says_how_far_it_is_read()
    {
        File.WriteAllLines(PathOf("big.csv"), ["id,text", .. Enumerable.Range(1, 300_000).Select(n => $"{n},{new string('x', 60)} {n}")]);
        string[] estimate = ["estimate", "big.csv", "--model", Model, "--prompt", "Say {{text}}"];

        var plain = (await OffpeakAsync(estimate)).Exits(0);
        var live = (await ShellAsync($"script -qc \"stty cols 40; dotnet '{CliProcess.Program}' {string.Join(' ', estimate[..^1])} 'Say {{{{text}}}}'\" /dev/null")).Exits(0);

        Assert.Matches(@"(?m)^(Reading|Preparing) big\.csv: [\d,]+ (rows|of 300,000 entries)$", plain.Error);
        Assert.True(live.OutLines.Count(line => line.Contains(" big.csv: ", StringComparison.Ordinal)) > plain.Error.Split('\n').Length, live.Out);
        WritePrompts(2);
        Assert.Empty((await OffpeakAsync("estimate", "in.jsonl", "--model", Model)).Exits(0).Error);
    }

    [Fact]
    public async Task A_batch_whose_handler_nobody_has_is_deleted_at_a_word()
    {
        await using (var services = await CliServices.OpenAsync(new Database(PathOf("offpeak.db"), IsNamed: true), default))
        {
            var client = services.GetRequiredService<BatchClient>();
            var batch = await client.CreateAsync(new NewBatch(Model) { Handler = "nobodys" });
            await client.CancelAsync(batch.Id);
        }

        (await OffpeakAsync("delete", "1")).Exits(2).Mentions("The handler 'nobodys' of batch 1 has not run yet;");
        (await OffpeakAsync("delete", "1", "--without-handler")).Exits(0).Mentions("Batch 1 is deleted.");
        (await OffpeakAsync("show", "1")).Exits(2);
    }

    [Fact]
    public async Task Text_from_outside_cannot_drive_the_terminal_or_a_spreadsheet()
    {
        Write("in.jsonl", $"{{\"id\":{JsonSerializer.Serialize(Hostile)},\"prompt\":\"x\"}}\n{{\"id\":\"=1+1\",\"prompt\":\"y\"}}\n");
        Emulator.Answers = request => request.Prompt == "x" ? EmulatedAnswer.Say("=SUM(A1),\"q\"\n" + Hostile) : EmulatedAnswer.Fail(400, Hostile, Hostile);

        var run = (await OffpeakAsync(Run("--name", Hostile))).Exits(3);
        var list = (await OffpeakAsync("list")).Exits(0);
        var show = (await OffpeakAsync("show", "1")).Exits(0);
        var csv = (await OffpeakAsync("results", "1", "--format", "csv")).Exits(0);

        Assert.All([run.Error, list.Out, show.Out], text => Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c == '\u202e'));
        Assert.Equal(2, list.OutLines.Length);
        Assert.Contains("'=1+1,failed", csv.Out, StringComparison.Ordinal);
        Assert.Contains("\"'=SUM(A1),\"\"q\"\"\n", csv.Out, StringComparison.Ordinal);
        Assert.Equal(Hostile, Results()[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Results_can_be_read_while_it_runs_and_show_says_where_it_stands()
    {
        await StartEmulatorAsync(EmulatorOptions with { BatchDuration = TimeSpan.FromMinutes(5) });
        WritePrompts();
        (await OffpeakAsync(Run("--detach"))).Exits(0);

        var results = (await OffpeakAsync("results", "1")).Exits(0);
        Assert.Equal(3, results.OutLines.Length);
        Assert.All(results.OutLines, line => Assert.Contains("\"status\":\"submitted\"", line, StringComparison.Ordinal));
        (await OffpeakAsync("results", "1", "--output", "now.csv", "--format", "csv")).Exits(0);
        Assert.StartsWith("id,status,text,", File.ReadAllText(PathOf("now.csv")), StringComparison.Ordinal);
        (await OffpeakAsync("results", "1", "--output", "by-its-name.CSV")).Exits(0);
        Assert.Equal(File.ReadAllText(PathOf("now.csv")), File.ReadAllText(PathOf("by-its-name.CSV")));
        (await OffpeakAsync("results", "1", "--output", "now.csv")).Exits(2).Says("now.csv exists. Name another file with --output, or overwrite it with --force.");
        var show = (await OffpeakAsync("show", "1")).Exits(0);
        Assert.Contains(Emulator.Batches[0].Id, show.Out, StringComparison.Ordinal);
        Assert.Equal("running", (await OffpeakAsync("show", "1", "--json")).Json.GetProperty("status").GetString());
        Assert.Single((await ShellAsync("offpeak results 1 | head -1")).Exits(0).OutLines);
        (await OffpeakAsync("retry", "1")).Exits(0).Mentions("Batch 1 has nothing to retry.");
    }

    [Fact]
    public async Task No_key_prompt_or_answer_reaches_standard_error_at_any_log_level()
    {
        Settings["OFFPEAK_LOG"] = "Debug";
        Write("in.jsonl", """{"id":"a","prompt":"canaryprompt"}""" + "\n" + """{"id":"b","prompt":"canaryprompt two"}""");
        Emulator.Answers = request => request.Prompt.EndsWith("two", StringComparison.Ordinal) ? EmulatedAnswer.Fail(400, "canaryrefusal") : EmulatedAnswer.Say("canaryanswer");
        Emulator.Faults.Add(Fault.Respond(EmulatorOperation.GetBatch, 500), Fault.Lines(FaultAction.MalformLine));

        var result = await OffpeakAsync(Run());

        Assert.DoesNotContain("canary", result.Error + result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, File.ReadAllText(PathOf("offpeak.db"), System.Text.Encoding.Latin1), StringComparison.Ordinal);
        Assert.NotEmpty(result.Error);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task What_is_shown_fits_the_terminal(int columns)
    {
        WritePrompts();
        (await OffpeakAsync(Run("--name", "a batch with a rather long name"))).Exits(0);

        // What went wrong is worth more than what it cost.
        var headings = (await OnTerminalAsync(columns, "list"))[0];
        Assert.Equal((true, columns > 80), (headings.Contains("FAILED", StringComparison.Ordinal), headings.Contains("COST", StringComparison.Ordinal)));
        foreach (var command in (string[])["list", "show 1", "--help", "run --help", "estimate --help", "emulator --help", "resolve --help", "delete --help"])
        {
            // Lines to copy too: broken in the middle of a word they cannot be read, let alone copied.
            foreach (var line in await OnTerminalAsync(columns, command))
                Assert.True(line.Length <= columns, line);
        }

        Assert.Contains(await OnTerminalAsync(columns, "show 1"), line => line.Contains(Emulator.Batches[0].Id, StringComparison.Ordinal));
    }

    private async Task<string[]> OnTerminalAsync(int columns, string command)
    {
        var result = await ShellAsync($"script -qc \"stty cols {columns}; dotnet '{CliProcess.Program}' {command}\" /dev/null");
        return Array.ConvertAll(result.Exits(0).OutLines, line => TerminalSequence().Replace(line.TrimEnd('\r'), ""));
    }

    [System.Text.RegularExpressions.GeneratedRegex("\u001b(\\[[0-9;?]*[A-Za-z]|=|>)")]
    private static partial System.Text.RegularExpressions.Regex TerminalSequence();
}
