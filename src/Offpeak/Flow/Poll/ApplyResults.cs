using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Writes a chunk of results in one short transaction that the lease fences. A chunk that the store refuses again and again is written row by
/// row, so that one odd answer cannot hold back the others.
/// </summary>
internal sealed class ApplyResults(FlowContext flow)
{
    // A store that is busy or full refuses everything for a while; an odd row is refused for ever.
    private const int FaultsBeforeIsolation = 3;

    public const string Component = "ingest_results";

    /// <exception cref="LeaseLostException">The lease is held no longer.</exception>
    public async Task RunAsync(ShardRow shard, Lease lease, List<ResultRow> chunk, ResultIntake intake, CancellationToken ct)
    {
        try
        {
            await WriteAsync(shard, lease, chunk, intake, ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested && shard.FaultCount >= FaultsBeforeIsolation)
        {
            flow.Errors.Report(error, Component, shard.BatchId);
            foreach (var row in chunk)
                await WriteAloneAsync(shard, lease, row, intake, ct);
        }

        flow.Probe.Reached(FlowPoint.ChunkApplied);
    }

    private async Task WriteAloneAsync(ShardRow shard, Lease lease, ResultRow row, ResultIntake intake, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await WriteAsync(shard, lease, [row], intake, ct);
                return;
            }
            catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
            {
                // Not the row's fault if the store takes nothing else either: then the whole is tried again later.
                await lease.RenewAsync(ct);
                if (tries == 1)
                    continue;

                await SetAsideAsync(shard, lease, Unreadable(row, error), intake, ct);
                return;
            }
        }
    }

    // What the store refuses may also be what it is said to have cost.
    private async Task SetAsideAsync(ShardRow shard, Lease lease, ResultRow unreadable, ResultIntake intake, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.RowIsolated);
        try
        {
            await WriteAsync(shard, lease, [unreadable], intake, ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            await WriteAsync(shard, lease, [unreadable with { Cost = null, Result = unreadable.Result with { Usage = null } }], intake, ct);
        }
    }

    private static ResultRow Unreadable(ResultRow row, Exception error) => row with
    {
        Status = EntryStatus.Failed,
        Continuation = null,
        Result = new ProviderResult
        {
            Kind = ProviderResultKind.Failed,
            Line = row.Result.Line,
            StatusCode = row.Result.StatusCode,
            Usage = row.Result.Usage,
            ErrorCode = FailureCodes.Unreadable,
            ErrorMessage = $"The answer could not be stored: {error.GetType().Name}.",
        },
    };

    private async Task WriteAsync(ShardRow shard, Lease lease, List<ResultRow> rows, ResultIntake intake, CancellationToken ct)
    {
        var applied = await flow.Store.ApplyResultsAsync(shard, lease.Token, lease.Duration, rows, ct);
        intake.CountUnknown(applied.Unknown);
        OffpeakTelemetry.EntriesApplied.Add(applied.Applied);
        if (applied.Applied < rows.Count)
            flow.Probe.Reached(FlowPoint.ResultAlreadyApplied);
    }
}
