using System.Globalization;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>Working set over the idle process, in a process that does nothing else.</summary>
internal sealed class Memory : IBenchmark
{
    private const int Processes = 3;

    public string Name => "memory";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        foreach (var entries in scale.Quick ? new[] { scale.Entries } : [scale.Entries, 2 * scale.Entries])
        {
            await foreach (var figure in MeasureAsync("openai", entries, scale.Quick ? 1 : Processes))
                yield return figure;
        }

        foreach (var provider in (string[])["anthropic", "gemini", "xai"])
        {
            await foreach (var figure in MeasureAsync(provider, scale.Entries, processes: 1))
                yield return figure;
        }
    }

    private static async IAsyncEnumerable<Figure> MeasureAsync(string provider, int entries, int processes)
    {
        List<(double Submit, double Ingest)> rounds = [];
        for (var round = 0; round < processes; round++)
            rounds.Add(await MeasureOnceAsync(provider, entries));
        yield return Over($"{provider}: submitting {entries:N0} entries of 2 KB, over idle", rounds.Select(round => round.Submit));
        yield return Over($"{provider}: ingesting {entries:N0} results, over idle", rounds.Select(round => round.Ingest));
    }

    private static Figure Over(string what, IEnumerable<double> megabytes) => new(what, Unit.Megabytes, Figure.Median(megabytes)) { Bar = 200 };

    private static async Task<(double Submit, double Ingest)> MeasureOnceAsync(string provider, int entries)
    {
        await using var emulator = await EmulatorProcess.StartAsync();
        using var child = OwnProcess.Start("--memory", provider, entries.ToString(CultureInfo.InvariantCulture), emulator.Root);
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        var numbers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return child.ExitCode == 0
            ? (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The memory process ended with {child.ExitCode}.");
    }
}
