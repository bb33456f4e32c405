using Offpeak.Flow;
using Offpeak.Flow.Poll;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>
/// Gives up shards that are older than their provider's maximum age, or that no provider has accepted for too long, after a last look. Runs
/// after the resume sweep has had every chance: recover, then expire.
/// </summary>
internal sealed class ExpireStuckBatches(FlowContext flow, GiveUpShard giveUp, SweepPages pages) : ISweep
{
    public SweepName Name => SweepName.ExpireStuckBatches;

    public TimeSpan Interval => flow.Options.ExpireInterval;

    public bool IsShared => true;

    public async Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct)
    {
        var providers = await flow.Store.ListOpenProvidersAsync(ct);
        var results = await Task.WhenAll(providers.Select(provider => ExpireAsync(provider, queue, ct)));
        return pages.Done(Name, results.Aggregate(default(SweepResult), SweepResult.Add));
    }

    private Task<SweepResult> ExpireAsync(string provider, IWorkQueue queue, CancellationToken ct)
    {
        var maxAge = flow.Options.MaxAgeOf(provider, flow.Providers);
        var maxWait = flow.Options.MaxWait;
        return pages.ForEachShardAsync(
            Name,
            after => flow.Store.FindOldShardsAsync(provider, maxAge, maxWait, after, SweepPages.Size, ct),
            shard => GiveUpAsync(shard, (shard.AcceptedAt is null ? null : maxAge) ?? maxWait, queue, ct),
            ct);
    }

    private async Task<bool> GiveUpAsync(ShardRow shard, TimeSpan age, IWorkQueue queue, CancellationToken ct)
    {
        var (acted, next) = await giveUp.RunAsync(shard, age, ct);
        await SweepPages.PassAsync(queue, next, ct);
        return acted;
    }
}
