using System.Collections.Concurrent;
using Offpeak.Flow.Advance;
using Offpeak.Sweeps;
using Offpeak.Work;

namespace Offpeak.Tests.Fixture;

/// <summary>A sweep of an engine, to be run when a test says so.</summary>
internal sealed class TestSweep(ISweep sweep, IWorkQueue queue, WorkSteps steps)
{
    public SweepName Name => sweep.Name;

    public TimeSpan Interval => sweep.Interval;

    /// <summary>Runs once; what it finds goes to the world's queue. Submits are done here, as a worker would, before this returns.</summary>
    public async Task<SweepResult> RunOnceAsync(TimeSpan? grace = null, CancellationToken ct = default)
    {
        var split = new Split(queue);
        var result = await sweep.RunOnceAsync(split, withoutGrace: grace == TimeSpan.Zero, ct);
        if (sweep.Name == SweepName.SubmitPendingBatches)
        {
            foreach (var item in split.Submits)
                await steps.RunInlineAsync(item, onlyBatch: true, ct);
        }

        return result;
    }

    private sealed class Split(IWorkQueue queue) : IWorkQueue
    {
        public ConcurrentQueue<WorkItem> Submits { get; } = new();

        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken)
        {
            if (item.Kind != WorkKind.Submit)
                return queue.EnqueueAsync(item, delay, cancellationToken);

            Submits.Enqueue(item);
            return Task.CompletedTask;
        }
    }
}
