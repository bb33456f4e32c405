using System.Diagnostics;

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
}
