using Microsoft.Extensions.Logging;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>What every sweep has in common: pages by id, a guard around each row, and a log line only when something was done.</summary>
internal sealed partial class SweepPages(IErrorReporter errors, ILogger<SweepPages> logger)
{
    public const int Size = 500;

    /// <summary>Handles page after page until the last. A page that cannot be read is reported; what was handled before counts.</summary>
    public async Task<SweepResult> ForEachPageAsync<T>(
        SweepName name, Func<long, Task<Page<T>>> read, Func<IReadOnlyList<T>, Task<SweepResult>> handle, CancellationToken ct)
    {
        var result = default(SweepResult);
        try
        {
            for (long? after = 0; after is { } last;)
            {
                ct.ThrowIfCancellationRequested();
                var page = await read(last);
                result += await handle(page.Rows);
                after = page.Next;
            }
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, name.Value, batchId: null);
            result += new SweepResult(0, 0, 1);
        }

        return result;
    }

    /// <summary>Handles rows of several providers: those of one provider one after the other, the providers side by side, so that none waits for another.</summary>
    public async Task<SweepResult> ForEachShardAsync(
        SweepName name, IReadOnlyList<ShardRow> shards, Func<ShardRow, Task<bool>> act, CancellationToken ct)
    {
        var byProvider = shards.GroupBy(shard => shard.Provider, StringComparer.Ordinal).Select(async group =>
        {
            var result = default(SweepResult);
            foreach (var shard in group)
                result += await GuardAsync(name, shard.BatchId, () => act(shard), ct);

            return result;
        });
        return (await Task.WhenAll(byProvider)).Aggregate(default(SweepResult), SweepResult.Add);
    }

    /// <summary>Handles one row; whatever goes wrong is reported with the sweep's name and the batch id, and counted.</summary>
    public async Task<SweepResult> GuardAsync(SweepName name, long? batchId, Func<Task<bool>> act, CancellationToken ct)
    {
        try
        {
            return new SweepResult(1, await act() ? 1 : 0, 0);
        }
        catch (ProviderException error) when (error.Class.IsPassing)
        {
            LogPassing(logger, name, batchId, error.Class);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, name.Value, batchId);
        }

        return new SweepResult(1, 0, 1);
    }

    /// <summary>Passes on the work that follows.</summary>
    public static async Task PassAsync(IWorkQueue queue, IReadOnlyList<WorkItem> items, CancellationToken ct)
    {
        foreach (var item in items)
            await queue.EnqueueAsync(item, TimeSpan.Zero, ct);
    }

    public SweepResult Done(SweepName name, SweepResult result)
    {
        OffpeakTelemetry.SweepActions.Add(result.Acted, new KeyValuePair<string, object?>("offpeak.sweep", name.Value));
        if (result.Acted > 0 || result.Failed > 0)
            LogDone(logger, name, result.Found, result.Acted, result.Failed);

        return result;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sweep}: {Found} found, {Acted} acted on, {Failed} failed.")]
    private static partial void LogDone(ILogger logger, SweepName sweep, int found, int acted, int failed);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sweep}: batch {BatchId} has to wait, the provider is in trouble ({Class}).")]
    private static partial void LogPassing(ILogger logger, SweepName sweep, long? batchId, ProviderErrorClass @class);
}
