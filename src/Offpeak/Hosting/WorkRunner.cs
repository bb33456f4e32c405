using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Hosting;
using Offpeak.Work;

namespace Offpeak;

/// <summary>
/// Does a piece of work that a queue has delivered: what the job of a host's own queue calls. Every item may be run any number of times, in any
/// number of processes at once; what is not due, not free or not wanted any more does nothing. Thread safe.
/// </summary>
public sealed class WorkRunner
{
    private readonly FlowContext flow;
    private readonly WorkSteps steps;

    internal WorkRunner(FlowContext flow, WorkSteps steps) => (this.flow, this.steps) = (flow, steps);

    /// <summary>Does the work. What follows from it goes to the queue; in a process without one it is done as well.</summary>
    /// <param name="item">The work.</param>
    /// <param name="cancellationToken">Stops at the next safe point; nothing is lost.</param>
    /// <exception cref="Exception">
    /// The database failed, for example. Nothing is lost: the sweeps bring the work back, so a queue need not run it again.
    /// </exception>
    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken = default)
    {
        if (flow.Queue is NoWorkQueue)
        {
            await steps.RunInlineAsync(item, onlyBatch: false, cancellationToken);
            return;
        }

        foreach (var next in await steps.RunAsync(item, cancellationToken))
            await flow.EnqueueAsync(next, TimeSpan.Zero, "work_runner", next.Kind is WorkKind.Submit or WorkKind.Poll ? null : next.Id);
    }

    internal Task RunInlineAsync(WorkItem item, CancellationToken ct) => steps.RunInlineAsync(item, onlyBatch: false, ct);
}
