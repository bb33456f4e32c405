namespace Offpeak.CrashTests;

/// <summary>One line per run beside the test program, for those who want to know how often and how fast it recovered.</summary>
internal static class RunLog
{
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "crash-runs.csv");
    private static readonly Lock Gate = new();

    public static void Add(string run, int kills, TimeSpan recovery)
    {
        lock (Gate)
            System.IO.File.AppendAllText(File, $"{run},{kills},{recovery.TotalMilliseconds:0}\n");
    }
}
