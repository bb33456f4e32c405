namespace Offpeak.Benchmarks.Bed;

/// <summary>This process's memory as the operating system counts it.</summary>
internal static class WorkingSet
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static long AfterCollection()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }

    /// <summary>The peak while some work runs, looked at from a thread of its own.</summary>
    public static async Task<long> PeakAsync(Func<Task> work)
    {
        using var done = new ManualResetEventSlim();
        long peak = 0;
        var watcher = new Thread(() =>
        {
            do
                peak = Math.Max(peak, Environment.WorkingSet);
            while (!done.Wait(Interval));
        });
        watcher.Start();
        await work();
        done.Set();
        watcher.Join();
        return peak;
    }
}
