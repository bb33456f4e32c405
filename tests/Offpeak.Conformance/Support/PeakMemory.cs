namespace Offpeak.Conformance.Support;

/// <summary>
/// The most live memory the process held over what it had at the start, looked at after a collection every few milliseconds, so that
/// neither what waits for the collector nor a busy machine counts. Works only while nothing else runs in the process, which
/// <see cref="MemoryCollection"/> sees to. What the process takes from the system is a benchmark.
/// </summary>
internal sealed class PeakMemory : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource stop = new();
    private readonly long before;
    private readonly Task<long> watch;

    private PeakMemory()
    {
        before = Live();
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
            peak = Math.Max(peak, Live());
            await Task.Delay(Interval, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return peak;
    }

    private static long Live() => GC.GetTotalMemory(forceFullCollection: true);
}
