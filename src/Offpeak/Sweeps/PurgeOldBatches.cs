using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Storage;
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
            await pages.ForEachPageAsync(Name, after => flow.Store.FindPurgeableAsync(age, after, SweepPages.Size, ct), rows => PurgeAsync(rows, ct), ct))
        : default;

    private async Task<SweepResult> PurgeAsync(IReadOnlyList<BatchRow> rows, CancellationToken ct)
    {
        var result = default(SweepResult);
        foreach (var batch in rows)
            result += await pages.GuardAsync(Name, batch.Id, () => delete.TryPurgeAsync(batch, ct), ct);

        return result;
    }
}
