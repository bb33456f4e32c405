using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Offpeak.Diagnostics;
using Offpeak.Providers;

namespace Offpeak.Sweeps;

/// <summary>What every sweep has in common: pages by id, a guard around each row, and a log line only when something was done.</summary>
internal sealed partial class SweepPages(IErrorReporter errors, ILogger<SweepPages> logger)
{
    public const int PageSize = 500;

    /// <summary>Reads page after page until one is short. Rows that a sweep cannot help never hide later ones.</summary>
    public static async IAsyncEnumerable<List<T>> ReadAsync<T>(
        Func<long, int, Task<List<T>>> page, Func<T, long> id, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long after = 0; ;)
        {
            ct.ThrowIfCancellationRequested();
            var rows = await page(after, PageSize);
            if (rows.Count > 0)
                yield return rows;
            if (rows.Count < PageSize)
                yield break;
            after = id(rows[^1]);
        }
    }

    /// <summary>Handles one row; whatever goes wrong is reported with the sweep's name and the batch id and counted.</summary>
    public async Task<SweepResult> GuardAsync(string component, long batchId, Func<Task<bool>> act, CancellationToken ct)
    {
        try
        {
            return new SweepResult(1, await act() ? 1 : 0, 0);
        }
        catch (ProviderException error) when (error.Class.IsPassing)
        {
            LogPassing(logger, component, batchId, error.Class);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            errors.Report(error, component, batchId);
        }

        return new SweepResult(1, 0, 1);
    }

    public SweepResult Done(string component, SweepResult result)
    {
        OffpeakTelemetry.SweepActions.Add(result.Acted, new KeyValuePair<string, object?>("offpeak.sweep", component));
        if (result.Acted > 0 || result.Failed > 0)
            LogDone(logger, component, result.Found, result.Acted, result.Failed);
        return result;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sweep}: {Found} found, {Acted} acted on, {Failed} failed.")]
    private static partial void LogDone(ILogger logger, string sweep, int found, int acted, int failed);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sweep}: batch {BatchId} has to wait, the provider is in trouble ({Class}).")]
    private static partial void LogPassing(ILogger logger, string sweep, long batchId, ProviderErrorClass @class);
}
