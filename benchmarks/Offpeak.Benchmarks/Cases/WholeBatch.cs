using System.Diagnostics;
using System.Globalization;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>
/// From prompts to answers in the database, against an emulator in another process: add, submit, upload, poll, download, ingest, finish. What an
/// entry costs must not grow with their number.
/// </summary>
internal sealed class WholeBatch : IBenchmark
{
    private const int Few = 10_000;
    private const int WarmUps = 5;

    public string Name => "batch";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        List<double[]> few = [];
        for (var round = 0; round < (scale.Quick ? 1 : 3); round++)
            few.Add(await MeasureAsync(scale.Quick ? scale.Entries : Few));

        double Of(int number) => Figure.Median(few.Select(numbers => numbers[number]));
        foreach (var figure in Describe(scale.Quick ? scale.Entries : Few, [Of(0), Of(1), Of(2), Of(3)]))
            yield return figure;

        if (!scale.Heavy)
            yield break;

        var most = await MeasureAsync(scale.Most);
        foreach (var figure in Describe(scale.Most, most))
            yield return figure;

        yield return Cost("processor time", scale.Most, most[1], scale.Quick ? scale.Entries : Few, Of(1));
        yield return Cost("time", scale.Most, most[0], scale.Quick ? scale.Entries : Few, Of(0));
    }

    /// <summary>What the process does. Prints seconds, seconds of processor time, megabytes at the peak and megabytes of the database.</summary>
    public static async Task<int> RunProcessAsync(int entries, string root)
    {
        using var scratch = new Scratch();
        // Compiling and compiling again are no part of what an entry costs.
        for (var i = 0; i < WarmUps; i++)
            await RunAsync(scratch.File($"warm-{i}.db"), Few, root);

        var path = scratch.File("batch.db");
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var peak = await WorkingSet.PeakAsync(() => RunAsync(path, entries, root));
        Print(watch.Elapsed.TotalSeconds);
        Print((Environment.CpuUsage.TotalTime - before).TotalSeconds);
        Print(peak / 1e6);
        Print(new FileInfo(path).Length / 1e6);
        return 0;
    }

    private static async Task RunAsync(string path, int entries, string root)
    {
        await using var engine = await Engine.OpenAsync(path, emulator: root);
        var batchId = await engine.AddPromptsAsync("openai", entries);
        await engine.Client.SubmitAsync(batchId);
        await engine.FinishAsync(batchId);
    }

    private static async Task<double[]> MeasureAsync(int entries)
    {
        await using var emulator = await EmulatorProcess.StartAsync();
        return await OwnProcess.RunAsync("--batch", $"{entries}", emulator.Root);
    }

    private static Figure[] Describe(int entries, double[] numbers) =>
    [
        new($"{entries:N0} entries, prompts to answers: time", Unit.Seconds, numbers[0]),
        new($"{entries:N0} entries: processor time", Unit.Seconds, numbers[1]),
        new($"{entries:N0} entries: peak of memory, whole process", Unit.Megabytes, numbers[2]),
        new($"{entries:N0} entries: database", Unit.Megabytes, numbers[3]),
    ];

    private static Figure Cost(string what, int most, double ofMost, int few, double ofFew) =>
        new($"{what} of an entry of {most:N0} (raw: of {few:N0})", Unit.Microseconds, ofMost / most * 1e6) { Baseline = ofFew / few * 1e6, RatioBar = 1.2 };

    private static void Print(double number) => Console.WriteLine(number.ToString(CultureInfo.InvariantCulture));
}
