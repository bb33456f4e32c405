using Microsoft.Extensions.Hosting;
using Offpeak.Diagnostics;
using Offpeak.Storage;
using Offpeak.Sweeps;

namespace Offpeak.Hosting;

/// <summary>
/// Runs every sweep in this process: at start-up, then at its interval. A sweep that one process runs for all is claimed first, so that it is on
/// time also where processes live shorter than its interval.
/// </summary>
internal sealed class SweepService(IEnumerable<ISweep> sweeps, Maintenance maintenance, IOffpeakStore store, IErrorReporter errors, TimeProvider time)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(sweeps.Select(sweep => RunAsync(sweep, stoppingToken)));

    private async Task RunAsync(ISweep sweep, CancellationToken ct)
    {
        // Yield: a database that answers synchronously must not hold up the host's start.
        await Task.Yield();
        for (var isFirst = true; ; isFirst = false)
        {
            await GuardAsync(sweep, isFirst, ct);
            await Task.Delay(sweep.Pause(), time, ct);
        }
    }

    private async Task GuardAsync(ISweep sweep, bool isFirst, CancellationToken ct)
    {
        try
        {
            if (await sweep.TryTakeAsync(store, ct))
                await maintenance.RunAsync(sweep, withoutGrace: isFirst, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, sweep.Name.Value, batchId: null);
        }
    }
}
