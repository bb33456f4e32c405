namespace Offpeak.Conformance.Support;

/// <summary>
/// The most memory the process took over what it had at the start: its resident set, looked at every few milliseconds. Works only while
/// nothing else runs in the process, which <see cref="MemoryCollection"/> sees to.
/// </summary>
internal sealed class PeakMemory : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly long before;
    private readonly Task<long> watch;

    private PeakMemory()
    {
        // What earlier tests did has made the collector lazy; a few idle collections bring its budgets down again.
        for (var i = 0; i < 4; i++)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        before = Environment.WorkingSet;
        watch = Task.Run(WatchAsync);
    }

    public static PeakMemory Watch() => new();

    public async Task<long> GrowthAsync()
    {
        await stop.CancelAsync();
        return Math.Max(0, await watch - before);
    }

    public async ValueTask DisposeAsync()
    {
        await GrowthAsync();
        stop.Dispose();
    }

    private async Task<long> WatchAsync()
    {
        var peak = before;
        while (!stop.IsCancellationRequested)
        {
            peak = Math.Max(peak, Environment.WorkingSet);
            await Task.Delay(Interval, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return peak;
    }
}
