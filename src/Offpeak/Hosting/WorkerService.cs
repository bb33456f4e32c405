using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Offpeak.Diagnostics;

namespace Offpeak.Hosting;

/// <summary>Runs work as it falls due. How much of each kind at the same time is decided by the slots of the steps. Its loop never ends by an error.</summary>
internal sealed class WorkerService(InProcessWorkQueue queue, WorkRunner runner, IErrorReporter errors, TimeProvider time) : BackgroundService
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(running.Keys), Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var item = await queue.TakeAsync(stoppingToken);
            var work = Task.Run(() => RunAsync(item, stoppingToken), CancellationToken.None);
            running.TryAdd(work, 0);
            _ = work.ContinueWith(done => running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task RunAsync(Work.WorkItem item, CancellationToken ct)
    {
        try
        {
            await runner.RunAsync(item, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process stops; the rows say what is left.
        }
        catch (Exception error)
        {
            // The chain ends here; the resume sweep brings it back.
            errors.Report(error, "worker", batchId: null);
        }
        finally
        {
            queue.Done(item);
        }
    }
}
