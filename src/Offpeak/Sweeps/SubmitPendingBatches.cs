using Offpeak.Flow;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>Finds shards that wait to be submitted: new ones, the next round's, and those that waited for room at the provider.</summary>
internal sealed class SubmitPendingBatches(FlowContext flow, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.SubmitPendingBatches;

    public TimeSpan Interval => flow.Options.SubmitInterval;

    public bool IsShared => false;

    // Submitting may take minutes: it is done by workers, so that the next run is on time.
    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct) => pages.Done(Name, await pages.ForEachShardAsync(
        Name,
        after => flow.Store.FindSubmitsDueAsync(after, SweepPages.Size, ct),
        shard => SweepPages.PassAsync(queue, [new WorkItem(WorkKind.Submit, shard.Id)], ct),
        ct));
}
