using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Offpeak.Benchmarks.Bed;

/// <summary>A program from its start to its end: the clock, its processor time as the system counts it, and its peak of memory.</summary>
internal sealed record ChildRun(double Seconds, double ProcessorSeconds, double Megabytes)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<ChildRun> MeasureAsync(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var before = ProcessorSecondsOfChildren();
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var peak = Task.Run(() => PeakAsync(process));
        await process.WaitForExitAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? new ChildRun(seconds, ProcessorSecondsOfChildren() - before, await peak)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}");
    }

    // The kernel keeps the high-water mark, so the last look before the end has it.
    private static async Task<double> PeakAsync(Process process)
    {
        double peak = 0;
        while (!process.HasExited)
        {
            peak = HighWaterMark(process.Id) ?? peak;
            await Task.Delay(Interval, TimeProvider.System);
        }

        return peak;
    }

    private static double? HighWaterMark(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double ProcessorSecondsOfChildren()
    {
        const int children = -1;
        var usage = new long[18];
        return getrusage(children, usage) == 0 ? usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6) : throw new InvalidOperationException("getrusage failed.");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int getrusage(int who, [Out] long[] usage);
}
