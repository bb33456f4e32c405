using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>
/// Deletes batches, with their prompts and answers, some time after they finished, once their handler has succeeded and nothing of them is
/// left at a provider. Off unless <see cref="OffpeakOptions.PurgeAfter"/> is set.
/// </summary>
internal sealed class PurgeOldBatches(FlowContext flow, DeleteBatch delete, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.PurgeOldBatches;

    public TimeSpan Interval => flow.Options.PurgeInterval;

    public bool IsShared => true;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct) => flow.Options.PurgeAfter is { } age
        ? pages.Done(
            Name,
            await pages.ForEachPageAsync(
                Name,
                after => flow.Store.FindPurgeableAsync(age, after, SweepPages.Size, ct),
                rows => pages.ForEachAsync(Name, rows, batch => batch.Id, batch => delete.TryPurgeAsync(batch, ct), ct),
                ct))
        : default;
}
