using System.Diagnostics;
using System.Globalization;

namespace Offpeak.Benchmarks.Bed;

/// <summary>Starts this program again.</summary>
internal static class OwnProcess
{
    public static Process Start(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Offpeak.Benchmarks.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("dotnet is not on the path.");
    }

    /// <summary>Runs to the end and reads the numbers that it prints, one a line.</summary>
    public static async Task<double[]> RunAsync(params string[] arguments)
    {
        using var child = Start(arguments);
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"The process of {string.Join(' ', arguments)} ended with {child.ExitCode}.");
    }
}
