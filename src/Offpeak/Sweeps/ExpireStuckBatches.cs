using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Sweeps;

/// <summary>
/// Gives up provider batches that are older than their provider's maximum age, after a last look. Runs after the resume sweep has had every
/// chance: recover, then expire.
/// </summary>
public sealed class ExpireStuckBatches : ISweep
{
    private readonly FlowContext flow;
    private readonly DueShards due;
    private readonly GiveUpProviderBatch giveUp;
    private readonly SweepPages pages;

    internal ExpireStuckBatches(FlowContext flow, DueShards due, GiveUpProviderBatch giveUp, SweepPages pages)
    {
        this.flow = flow;
        this.due = due;
        this.giveUp = giveUp;
        this.pages = pages;
    }

    /// <inheritdoc/>
    public string Name => GiveUpProviderBatch.Component;

    /// <inheritdoc/>
    public TimeSpan Interval => flow.Options.ExpireInterval;

    /// <inheritdoc/>
    public async Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        var result = default(SweepResult);
        foreach (var provider in flow.Providers.All)
        {
            if (MaxAgeOf(provider) is { } maxAge)
                result += await ExpireAsync(provider.Name, maxAge, cancellationToken);
        }

        return pages.Done(Name, result);
    }

    private TimeSpan? MaxAgeOf(IBatchProvider provider)
    {
        var age = flow.Options.MaxAge.TryGetValue(provider.Name, out var configured) ? configured : provider.Capabilities.MaxAge;
        return age == Timeout.InfiniteTimeSpan ? null : age;
    }

    private async Task<SweepResult> ExpireAsync(string provider, TimeSpan maxAge, CancellationToken ct)
    {
        var result = default(SweepResult);
        var cutoff = flow.Now - maxAge;
        await foreach (var page in SweepPages.ReadAsync((after, limit) => due.OlderThanAsync(provider, cutoff, after, limit, ct), p => p.Id, ct))
        {
            foreach (var shard in page)
                result += await pages.GuardAsync(Name, shard.BatchId, () => giveUp.RunAsync(shard, maxAge, ct), ct);
        }

        return result;
    }
}
