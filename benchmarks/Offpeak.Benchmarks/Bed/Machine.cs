using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Offpeak.Benchmarks.Bed;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    public static string Describe() =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}, {SyncsPerSecond():N0} fsync/s";

    private static double SyncsPerSecond()
    {
        const int count = 300;
        using var folder = new Scratch();
        using var file = new FileStream(folder.File("sync"), FileMode.Create);
        var page = new byte[4_096];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
        }

        return count / watch.Elapsed.TotalSeconds;
    }
}
