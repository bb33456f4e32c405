using System.Diagnostics;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>Takes the engine's time and the raw baseline's in turns, so that a busy moment of the machine hits both.</summary>
internal sealed class Rounds
{
    private readonly List<double> engine = [];
    private readonly List<double> raw = [];

    public double Engine => Figure.Median(Warm(engine));

    public double? Raw => raw.Count == 0 ? null : Figure.Median(Warm(raw));

    public async Task EngineAsync(Func<Task> work) => engine.Add(await TimeAsync("engine", work));

    public Task RawAsync(Action work) => RawAsync(() => Task.Run(work));

    public async Task RawAsync(Func<Task> work) => raw.Add(await TimeAsync("raw", work));

    /// <summary>The medians as a rate.</summary>
    public Figure Rate(string what, int count, double? bar = null, double? ratioBar = null) =>
        new(what, Unit.PerSecond, count / Engine) { Bar = bar, Baseline = count / Raw, RatioBar = ratioBar };

    public Figure Seconds(string what, double? bar = null) => new(what, Unit.Seconds, Engine) { Bar = bar, Baseline = Raw };

    // The first round compiles.
    private static IEnumerable<double> Warm(List<double> rounds) => rounds.Skip(rounds.Count > 1 ? 1 : 0);

    // The processor time is for whoever tunes: on a busy machine it says more than the clock.
    private static async Task<double> TimeAsync(string what, Func<Task> work)
    {
        GC.Collect();
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await work();
        var seconds = watch.Elapsed.TotalSeconds;
        Console.Error.WriteLine($"  {what}: {seconds:0.00} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:0.00} s of processor time");
        return seconds;
    }
}
