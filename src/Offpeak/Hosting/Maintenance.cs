using System.Collections.Concurrent;
using Offpeak.Flow;
using Offpeak.Hosting;
using Offpeak.Sweeps;
using Offpeak.Work;

namespace Offpeak;

/// <summary>
/// The sweeps, for a host that runs them from its own scheduler: <c>RunSweeps(false)</c> when Offpeak is added, then either each sweep at its
/// interval by <see cref="RunAsync(SweepName, CancellationToken)"/>, or everything at once by <see cref="TickAsync"/>. Runs of several processes
/// at once are harmless. Thread safe.
/// </summary>
/// <example>
/// A cron job that needs no other process: <code>await services.GetRequiredService&lt;Maintenance&gt;().TickAsync();</code>
/// </example>
public sealed class Maintenance
{
    private const int MostAtOnce = 8;

    private readonly Dictionary<SweepName, ISweep> sweeps;
    private readonly FlowContext flow;
    private readonly WorkRunner runner;

    internal Maintenance(IEnumerable<ISweep> sweeps, FlowContext flow, WorkRunner runner)
    {
        this.sweeps = sweeps.ToDictionary(sweep => sweep.Name);
        this.flow = flow;
        this.runner = runner;
    }

    /// <summary>All sweeps, in a good order to run them in.</summary>
    public IReadOnlyList<SweepName> Sweeps { get; } = SweepName.All;

    /// <summary>How often a sweep is to run, by the options.</summary>
    public TimeSpan IntervalOf(SweepName sweep) => sweeps[sweep].Interval;

    /// <summary>
    /// Runs a sweep once. What it finds to do goes to the queue; in a process without workers and without a queue of the host's it is done here,
    /// before this returns.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    public Task<SweepResult> RunAsync(SweepName sweep, CancellationToken cancellationToken = default) =>
        RunAsync(sweeps[sweep], withoutGrace: false, cancellationToken);

    /// <summary>
    /// Does everything that is due now, in this process and before it returns: submits, polls, results, next rounds, handlers, and at their
    /// intervals the sweeps that run seldom. Called again and again, by cron for example, it alone takes every batch to its end.
    /// </summary>
    /// <returns>What it did, and what does not go on by itself: <see cref="TickResult.HasTrouble"/>.</returns>
    public async Task<TickResult> TickAsync(CancellationToken cancellationToken = default)
    {
        var result = default(SweepResult);
        var work = default(SweepResult);
        foreach (var name in Sweeps)
        {
            var sweep = sweeps[name];
            if (!await sweep.TryTakeAsync(flow.Store, cancellationToken))
                continue;

            var found = new FoundWork();
            result += await sweep.RunOnceAsync(found, withoutGrace: true, cancellationToken);
            work += await DoAsync(found, cancellationToken);
        }

        // A handler that throws or is unknown, and a shard that is paused, are no errors of the work: their rows say so.
        var trouble = await flow.Store.CountTroubleAsync(cancellationToken);
        return new TickResult(result, work.Acted, result.Failed + work.Failed, trouble.PausedShards, trouble.FailedHandlers);
    }

    internal async Task<SweepResult> RunAsync(ISweep sweep, bool withoutGrace, CancellationToken ct)
    {
        if (flow.Queue is not NoWorkQueue)
            return await sweep.RunOnceAsync(flow.Queue, withoutGrace, ct);

        var found = new FoundWork();
        var result = await sweep.RunOnceAsync(found, withoutGrace, ct);
        await DoAsync(found, ct);
        return result;
    }

    private async Task<SweepResult> DoAsync(FoundWork found, CancellationToken ct)
    {
        var failed = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct };
        var items = found.Distinct().ToList();
        await Parallel.ForEachAsync(items, parallel, async (item, token) =>
        {
            try
            {
                await runner.RunInlineAsync(item, token);
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                Interlocked.Increment(ref failed);
                flow.Errors.Report(error, "maintenance", batchId: null);
            }
        });
        return new SweepResult(items.Count, items.Count - failed, failed);
    }

    /// <summary>Collects what a sweep finds.</summary>
    private sealed class FoundWork : ConcurrentQueue<WorkItem>, IWorkQueue
    {
        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
        {
            Enqueue(item);
            return Task.CompletedTask;
        }
    }
}
