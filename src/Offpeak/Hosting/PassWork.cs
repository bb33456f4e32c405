using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Work;

namespace Offpeak.Hosting;

/// <summary>Passes on work that a caller of the door has caused: to the queue, or, in a process without one, as far as the caller can wait for it.</summary>
internal sealed class PassWork(FlowContext flow, WorkSteps steps)
{
    private const string Component = "batch_client";

    public async Task OnAsync(WorkItem item, long batchId)
    {
        if (flow.Queue is not NoWorkQueue)
            await flow.EnqueueAsync(item, TimeSpan.Zero, Component, batchId);
        else if (item.Kind == WorkKind.Advance)
            await AdvanceAsync(item, batchId);
    }

    // Rows only, no call to a provider and no handler: what follows waits for whoever works.
    private async Task AdvanceAsync(WorkItem item, long batchId)
    {
        try
        {
            await steps.RunAsync(item, CancellationToken.None);
        }
        catch (Exception error)
        {
            flow.Errors.Report(error, Component, batchId);
        }
    }
}
