using Microsoft.Extensions.Hosting;
using Offpeak.Diagnostics;
using Offpeak.Flow;

namespace Offpeak.Sweeps;

/// <summary>Runs every sweep in this process: at start-up, then at its interval. A sweep that fails is reported and runs again.</summary>
internal sealed class SweepService(
    ResumeStalledPolls resume,
    ReconcileSubmissions reconcile,
    SubmitPendingBatches submit,
    ExpireStuckBatches expire,
    PurgeOldBatches purge,
    SubmitSignal submitSignal,
    IErrorReporter errors,
    TimeProvider time) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RunAsync(resume, ct => resume.RunOnceAsync(TimeSpan.Zero, ct), stoppingToken),
        RunAsync(reconcile, reconcile.RunOnceAsync, stoppingToken),
        RunAsync(submit, submit.RunOnceAsync, stoppingToken),
        RunAsync(expire, firstRun: null, stoppingToken),
        RunAsync(purge, firstRun: null, stoppingToken));

    private async Task RunAsync(ISweep sweep, Func<CancellationToken, Task<SweepResult>>? firstRun, CancellationToken ct)
    {
        // Yield: a database that answers synchronously must not hold up the host's start.
        await Task.Yield();
        if (firstRun is not null)
            await GuardAsync(sweep.Name, firstRun, ct);
        while (true)
        {
            await WaitAsync(sweep, ct);
            await GuardAsync(sweep.Name, sweep.RunOnceAsync, ct);
        }
    }

    private async Task WaitAsync(ISweep sweep, CancellationToken ct)
    {
        if (sweep != submit)
        {
            await Task.Delay(sweep.Interval, time, ct);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Task.Delay(sweep.Interval, time, either.Token), submitSignal.WaitAsync(either.Token));
        await either.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private async Task GuardAsync(string name, Func<CancellationToken, Task<SweepResult>> run, CancellationToken ct)
    {
        try
        {
            await run(ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, name, batchId: null);
        }
    }
}
