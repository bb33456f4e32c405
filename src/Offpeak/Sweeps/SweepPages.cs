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

    /// <summary>
    /// Handles all shards page by page: those of one provider one after the other, the providers side by side, so that none waits for another.
    /// </summary>
    public Task<SweepResult> ForEachShardAsync(
        SweepName name, Func<long, Task<Page<ShardRow>>> read, Func<ShardRow, Task<bool>> act, CancellationToken ct) => ForEachPageAsync(
        name,
        read,
        async page =>
        {
            var byProvider = page.GroupBy(shard => shard.Provider, StringComparer.Ordinal)
                .Select(shards => ForEachAsync(name, [.. shards], shard => shard.BatchId, act, ct));
            return (await Task.WhenAll(byProvider)).Aggregate(default(SweepResult), SweepResult.Add);
        },
        ct);

    /// <summary>Handles rows one after the other.</summary>
    public async Task<SweepResult> ForEachAsync<T>(
        SweepName name, IReadOnlyList<T> rows, Func<T, long> batchId, Func<T, Task<bool>> act, CancellationToken ct)
    {
        var result = default(SweepResult);
        foreach (var row in rows)
            result += await GuardAsync(name, batchId(row), () => act(row), ct);

        return result;
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
    /// <returns>True, for a row with which nothing more is done than that.</returns>
    public static async Task<bool> PassAsync(IWorkQueue queue, IReadOnlyList<WorkItem> items, CancellationToken ct)
    {
        foreach (var item in items)
            await queue.EnqueueAsync(item, TimeSpan.Zero, ct);

        return true;
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
