using Offpeak.Flow;
using Offpeak.Flow.Submit;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>Deletes what ended shards have left at their providers and could not be deleted when they ended: prompts and answers must not stay there.</summary>
internal sealed class CleanUpProviderFiles(FlowContext flow, CleanUpShard cleanUp, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.CleanUpProviderFiles;

    public TimeSpan Interval => flow.Options.CleanUpInterval;

    public bool IsShared => true;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct) => pages.Done(Name, await pages.ForEachShardAsync(
        Name, after => flow.Store.FindUncleanedAsync(after, SweepPages.Size, ct), async shard => await cleanUp.RunAsync(Name.Value, shard, ct) is null, ct));
}
