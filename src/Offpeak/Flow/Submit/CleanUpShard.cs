using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Deletes what a shard has left at its provider: files with prompts and answers, or a batch that was never finished. Tried until it is done,
/// or until the provider has certainly deleted it by itself.
/// </summary>
internal sealed class CleanUpShard(FlowContext flow)
{
    // OpenAI, Gemini and Anthropic keep results no longer than this; see docs/providers.md.
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(30);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromHours(1);

    /// <summary>Deletes what is left of an ended shard.</summary>
    /// <returns>Why something is left; null if nothing is.</returns>
    public async Task<Exception?> RunAsync(string component, ShardRow shard, CancellationToken ct)
    {
        try
        {
            if (flow.Options.CleanUpProviderFiles)
                await DeleteAsync(shard, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            if (await flow.NowAsync(ct) - shard.EndedAt <= LongestKept)
            {
                await flow.TryAsync(shard, new ShardChange { NextCleanUpAt = When.In(BetweenAttempts) }, ct);
                return error;
            }

            flow.Errors.Report(error, component, shard.BatchId);
        }

        await flow.TryAsync(shard, new ShardChange { CleanedUpAt = When.Now, NextCleanUpAt = When.Never }, ct);
        flow.Probe.Reached(FlowPoint.FilesCleanedUp);
        return null;
    }

    /// <summary>Stops what interrupted attempts have begun, before the shard is cancelled. What fails is tried again once it is.</summary>
    public async Task AbandonAsync(string component, ShardRow shard, CancellationToken ct)
    {
        if (shard.Journal.IsEmpty && shard.FirstCreateAt is null)
            return;

        try
        {
            await flow.Providers.Get(shard.Provider).AbandonAsync(FlowContext.Search(shard), ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            flow.Errors.Report(error, component, shard.BatchId);
        }
    }

    private Task DeleteAsync(ShardRow shard, CancellationToken ct)
    {
        var provider = flow.Providers.Get(shard.Provider);
        return shard.ProviderBatchId is null ? provider.AbandonAsync(FlowContext.Search(shard), ct) : provider.CleanUpAsync(flow.Ref(shard), ct);
    }
}
