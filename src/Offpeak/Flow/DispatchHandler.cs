using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Handlers;
using Offpeak.Policies;
using Offpeak.Queues;

namespace Offpeak.Flow;

/// <summary>
/// Runs a finished batch's handler under a lease that is renewed while it runs. Done is recorded only after the handler has returned, by
/// the run that still holds the lease; an error leaves it undone, to be tried again with a growing wait, and parked after the limit.
/// </summary>
internal sealed class DispatchHandler(
    FlowContext flow, DispatchLease lease, HandlerRegistry handlers, IServiceScopeFactory scopes, EntryReader entries, IPollQueue queue)
{
    public const string Component = "dispatch_handler";

    private static readonly TimeSpan UnregisteredWait = TimeSpan.FromMinutes(5);

    public async Task RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.Batches.GetAsync(batchId, ct);
        if (batch.NextDispatchAt is null || batch.NextDispatchAt > flow.Now || !lease.IsFree(batch))
            return;
        using var activity = OffpeakTelemetry.StartStep(Component, batchId);
        if (!handlers.Contains(batch.Handler!))
            await WaitForRegistrationAsync(batch, ct);
        else if (await lease.TryTakeAsync(batch, ct))
            await DispatchAsync(batch, ct);
    }

    private async Task DispatchAsync(Batch batch, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.DispatchClaimed);
        try
        {
            await RunHandlerAsync(batch, ct);
            flow.Probe.Reached(FlowPoint.HandlerReturned);
            await lease.CompleteAsync(batch, CancellationToken.None);
            flow.Probe.Reached(FlowPoint.DispatchRecorded);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await lease.TryReleaseAsync(batch, flow.Now, batch.DispatchError);
            throw;
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
        }
        catch (Exception error)
        {
            await RecordErrorAsync(batch, error);
        }
    }

    private async Task RunHandlerAsync(Batch batch, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var handler = handlers.Create(batch.Handler!, scope.ServiceProvider)!;
        var outcome = new BatchOutcome(
            batch, batch.DispatchAttempt + 1, entries, (DbTransaction transaction, CancellationToken token) => lease.CompleteInAsync(batch, transaction, token));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewal = lease.KeepAsync(batch, stop);
        try
        {
            await handler.HandleAsync(outcome, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await renewal;
        }
    }

    private async Task RecordErrorAsync(Batch batch, Exception error)
    {
        var attempts = batch.DispatchAttempt + 1;
        var text = $"{error.GetType().Name}: {error.Message}";
        flow.Errors.Report(error, Component, batch.Id);
        if (attempts >= flow.Options.HandlerMaxAttempts)
            await lease.TryParkAsync(batch, text);
        else if (await lease.TryReleaseAsync(batch, flow.Now + Backoff.BeforeHandler(attempts), text))
            await EnqueueAsync(batch, Backoff.BeforeHandler(attempts));
    }

    // The poll of a provider batch that is read goes on with its batch, so the handler runs again on time; the resume sweep is the safety net.
    private async Task EnqueueAsync(Batch batch, TimeSpan wait)
    {
        try
        {
            var shards = await flow.Shards.ListAsync(batch.Id, CancellationToken.None);
            if (shards.FindLast(shard => shard.ResultsFetchedAt is not null) is { } read)
                await queue.EnqueueAsync(new PollRequest(read.Id, read.PollGeneration), wait, CancellationToken.None);
        }
        catch (Exception error)
        {
            flow.Errors.Report(error, Component, batch.Id);
        }
    }

    // Another process may know the handler: the batch waits, visibly, and uses up no attempt.
    private async Task WaitForRegistrationAsync(Batch batch, CancellationToken ct)
    {
        var text = $"No handler named '{batch.Handler}' is registered in the process that tried last.";
        var next = flow.Now + UnregisteredWait;
        if (await flow.Batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.NextDispatchAt, next);
                set.SetProperty(b => b.DispatchError, text);
            },
            ct) && batch.DispatchError != text)
        {
            flow.Errors.Report(new OffpeakException(OffpeakErrorCode.InvalidState, text), Component, batch.Id);
        }
    }
}
