using System.Diagnostics;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>The whole life of <c>offpeak list</c>: what a person waits for who only wants to look.</summary>
internal sealed class ListCommandStart : IBenchmark
{
    private const int Runs = 10;

    public string Name => "list";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        var database = scratch.File("list.db");
        await using (await Engine.OpenAsync(database, new MemoryProvider()))
        {
        }

        using (var raw = new RawSqlite(database))
            raw.Execute(BatchRows.Stalled(1_000));
        var root = Root();
        yield return await MeasureAsync(
            "offpeak list, 1,000 batches, build output", Path.Combine(root, "src/Offpeak.Cli/bin/Release/net10.0/Offpeak.Cli.dll"), database, bar: null, scale);
        if (scale.Quick)
            yield break;
        await RunAsync(["publish", Path.Combine(root, "src/Offpeak.Cli"), "-c", "Release", "--nologo", "-v", "q", "-o", scratch.File("publish")]);
        yield return await MeasureAsync("offpeak list, 1,000 batches, published", scratch.File("publish/Offpeak.Cli.dll"), database, bar: 1, scale);
    }

    private static async Task<Figure> MeasureAsync(string what, string program, string database, double? bar, Scale scale)
    {
        string[] command = [program, "list", "--db", database];
        await RunAsync(command);
        List<double> seconds = [];
        for (var run = 0; run < (scale.Quick ? 1 : Runs); run++)
        {
            var watch = Stopwatch.StartNew();
            await RunAsync(command);
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return new Figure(what, Unit.Seconds, Figure.Median(seconds)) { Bar = bar };
    }

    private static async Task RunAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Offpeak.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Run it from the repository.");
        return folder;
    }
}
