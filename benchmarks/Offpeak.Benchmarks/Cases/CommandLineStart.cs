using System.Text;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>
/// The whole life of commands, process start to process end: of the published program against the emulator, beside a plain script of the
/// official npm client that uploads, creates, polls and downloads the same rows.
/// </summary>
internal sealed class CommandLineStart : IBenchmark
{
    private const int Runs = 10;

    public string Name => "start";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        var runs = scale.Quick ? 1 : Runs;
        using var scratch = new Scratch();
        await using var emulator = await EmulatorProcess.StartAsync();
        var offpeak = await PublishAsync(scratch);

        var one = await RepeatAsync(runs, i => RunBatchAsync(offpeak, scratch, emulator, Input(scratch, 1), i));
        yield return new Figure("offpeak run, 1 entry: processor time", Unit.Seconds, one.ProcessorSeconds) { Bar = 0.5 };
        yield return new Figure("offpeak run, 1 entry: memory", Unit.Megabytes, one.Megabytes) { Bar = 90 };
        yield return new Figure("offpeak run, 1 entry: time", Unit.Seconds, one.Seconds);

        var list = await ListAsync(offpeak, scratch, runs);
        yield return new Figure("offpeak list, 1,000 batches: time", Unit.Seconds, list.Seconds) { Bar = 0.2 };

        var version = await FromSourceAsync(runs);
        yield return new Figure("./offpeak --version, built tree: time", Unit.Seconds, version.Seconds) { Bar = 1 };

        var script = await InstallScriptAsync();
        foreach (var rows in scale.Quick ? [500] : new[] { 500, 5_000, 50_000 })
        {
            foreach (var figure in await CompareAsync(offpeak, script, scratch, emulator, rows, scale))
                yield return figure;
        }
    }

    private static async Task<Figure[]> CompareAsync(string offpeak, string script, Scratch scratch, EmulatorProcess emulator, int rows, Scale scale)
    {
        var input = Input(scratch, rows);
        List<ChildRun> ours = [];
        List<ChildRun> theirs = [];
        for (var i = 0; i < scale.Rounds; i++)
        {
            ours.Add(await RunBatchAsync(offpeak, scratch, emulator, input, i));
            theirs.Add(await ChildRun.MeasureAsync("node", [script, input, scratch.File($"npm-{rows}.jsonl")], Account(emulator)));
        }

        var (mine, other) = (Median(ours), Median(theirs));
        return
        [
            new($"{rows:N0} rows, time (raw: npm script)", Unit.Seconds, mine.Seconds)
                { Baseline = other.Seconds, RatioBar = rows switch { 500 => 2, 50_000 => 1, _ => null } },
            new($"{rows:N0} rows, processor time", Unit.Seconds, mine.ProcessorSeconds) { Baseline = other.ProcessorSeconds },
            new($"{rows:N0} rows, memory", Unit.Megabytes, mine.Megabytes) { Baseline = other.Megabytes, RatioBar = rows == 50_000 ? 0.5 : null },
        ];
    }

    private static Task<ChildRun> RunBatchAsync(string offpeak, Scratch scratch, EmulatorProcess emulator, string input, int run) => ChildRun.MeasureAsync(
        offpeak,
        ["run", input, "--model", $"openai/{Texts.Model}", "--output", scratch.File("output.jsonl"), "--force", "--db", scratch.File($"{Path.GetFileName(input)}-{run}.db"), "--poll", "200ms"],
        Account(emulator));

    private static Dictionary<string, string> Account(EmulatorProcess emulator) => new() { ["OPENAI_API_KEY"] = "emulator", ["OPENAI_BASE_URL"] = $"{emulator.Root}v1" };

    private static async Task<ChildRun> ListAsync(string offpeak, Scratch scratch, int runs)
    {
        var database = scratch.File("list.db");
        await using (await Engine.OpenAsync(database, [new MemoryProvider()]))
        {
        }

        using (var raw = new RawSqlite(database))
            raw.Execute(Stalled.Polls(1_000, oneIn: 10));

        return await RepeatAsync(runs, _ => ChildRun.MeasureAsync(offpeak, ["list", "--db", database]));
    }

    private static async Task<ChildRun> FromSourceAsync(int runs)
    {
        await ChildRun.MeasureAsync("dotnet", ["build", Path.Combine(Repository.Root, "src/Offpeak.Cli"), "-c", "Release", "--nologo", "-v", "q"]);
        return await RepeatAsync(runs, _ => ChildRun.MeasureAsync(Path.Combine(Repository.Root, "offpeak"), ["--version"]));
    }

    private static async Task<string> PublishAsync(Scratch scratch)
    {
        var folder = scratch.File("publish");
        await ChildRun.MeasureAsync("dotnet", ["publish", Path.Combine(Repository.Root, "src/Offpeak.Cli"), "-c", "Release", "--nologo", "-v", "q", "-o", folder]);
        return Path.Combine(folder, "Offpeak.Cli");
    }

    private static async Task<string> InstallScriptAsync()
    {
        var folder = Path.Combine(Repository.Root, "benchmarks/NpmScript");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            await ChildRun.MeasureAsync("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund"]);

        return Path.Combine(folder, "batch.mjs");
    }

    private static string Input(Scratch scratch, int rows)
    {
        var path = scratch.File($"input-{rows}.jsonl");
        if (!File.Exists(path))
            File.WriteAllLines(path, Enumerable.Range(0, rows).Select(Line));

        return path;
    }

    private static string Line(int i) =>
        $$"""{"custom_id":"row-{{i:D6}}","method":"POST","url":"/v1/responses","body":{{Encoding.UTF8.GetString(Texts.Requests[i % Texts.Requests.Length])}}}""";

    private static async Task<ChildRun> RepeatAsync(int runs, Func<int, Task<ChildRun>> run)
    {
        await run(-1);
        List<ChildRun> all = [];
        for (var i = 0; i < runs; i++)
            all.Add(await run(i));

        return Median(all);
    }

    private static ChildRun Median(List<ChildRun> runs)
    {
        double Of(Func<ChildRun, double> value) => Figure.Median(runs.Select(value));
        return new ChildRun(Of(run => run.Seconds), Of(run => run.ProcessorSeconds), Of(run => run.Megabytes));
    }
}
