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
            List<(double Submit, double Ingest)> rounds = [];
            for (var round = 0; round < (scale.Quick ? 1 : Processes); round++)
                rounds.Add(await MeasureAsync(entries));
            yield return Over($"submitting {entries:N0} entries of 2 KB, over idle", rounds.Select(round => round.Submit));
            yield return Over($"ingesting {entries:N0} results, over idle", rounds.Select(round => round.Ingest));
        }
    }

    private static Figure Over(string what, IEnumerable<double> megabytes) => new(what, Unit.Megabytes, Figure.Median(megabytes)) { Bar = 200 };

    private static async Task<(double Submit, double Ingest)> MeasureAsync(int entries)
    {
        await using var emulator = await EmulatorProcess.StartAsync();
        using var child = OwnProcess.Start("--memory", entries.ToString(CultureInfo.InvariantCulture), emulator.BaseUrl);
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        var numbers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return child.ExitCode == 0
            ? (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The memory process ended with {child.ExitCode}.");
    }
}
