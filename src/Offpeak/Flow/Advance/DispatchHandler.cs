using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Entries;
using Offpeak.Handlers;
using Offpeak.Policies;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Runs a finished batch's handler under a lease. Done is recorded only after the handler has returned, by the run that still holds the lease;
/// an error leaves it undone, to be tried again with a growing wait, and parked after the limit. A run that kills its process counts as one
/// that failed, because the claim says so before it starts.
/// </summary>
internal sealed class DispatchHandler(FlowContext flow, HandlerRegistry handlers, UnknownHandlers unknown, IServiceScopeFactory scopes, ReadEntries entries)
{
    public const string Component = "dispatch_handler";

    /// <returns>What is to be done next.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(long batchId, CancellationToken ct)
    {
        using var slot = await flow.Slots.EnterAsync(SlotKind.Handler, "", ct);
        if (await flow.Store.FindBatchAsync(batchId, ct) is not { Step: null, NextDispatchAt: not null, Handler: { } name } batch
            || !await flow.HasComeAsync(batch.NextDispatchAt, ct) || !batch.Status.IsTerminal())
        {
            return [];
        }

        using var activity = OffpeakTelemetry.StartStep(Component, batchId);
        if (!handlers.Contains(name))
            await unknown.NoteAsync(Component, batchId, ct);
        else if (batch.DispatchAttempt >= flow.Options.HandlerMaxAttempts)
            await ParkUnheardAsync(batch);
        else
            await ClaimAsync(batch, ct);

        return [];
    }

    // The wait after a run that is never heard of again is written before it starts.
    private async Task ClaimAsync(BatchRow batch, CancellationToken ct)
    {
        var (take, lease) = flow.Leases.Take(LeaseKind.Batch, batch.Id, batch.LeaseOwner);
        var attempt = batch.DispatchAttempt + 1;
        var claim = new BatchChange { Lease = take, DispatchAttempt = attempt, NextDispatchAt = When.In(Backoff.BeforeHandler(attempt)) };
        if (await flow.TryAsync(batch, claim, ct) is not { } claimed)
            return;

        flow.Probe.Reached(FlowPoint.DispatchClaimed);
        try
        {
            await lease.RunAsync(token => RunHandlerAsync(claimed, lease, token), ct);
            flow.Probe.Reached(FlowPoint.HandlerReturned);
            await CompleteAsync(claimed, lease);
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // It was the host that stopped, not the handler that failed.
            await ReleaseAsync(claimed, lease, batch.DispatchAttempt, When.Now, batch.DispatchError);
            throw;
        }
        catch (Exception error)
        {
            await RecordErrorAsync(claimed, lease, error);
        }
    }

    private async Task RunHandlerAsync(BatchRow batch, Lease lease, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var handler = handlers.Create(batch.Handler!, scope.ServiceProvider)!;
        await handler.HandleAsync(
            new BatchOutcome(
                new BatchInfo(batch),
                batch.DispatchId!,
                batch.DispatchAttempt,
                token => entries.RunAsync(batch, token),
                async (transaction, token) =>
                {
                    if (!await flow.Store.TryCompleteDispatchAsync(batch, lease.Token, transaction, token))
                        throw new LeaseLostException($"the handler of batch {batch.Id}");

                    lease.LeaveToTransaction();
                }),
            ct);
    }

    private async Task CompleteAsync(BatchRow batch, Lease lease)
    {
        if (!await flow.Store.TryCompleteDispatchAsync(batch, lease.Token, transaction: null, CancellationToken.None))
            throw new LeaseLostException($"the handler of batch {batch.Id}");

        flow.Probe.Reached(FlowPoint.DispatchRecorded);
    }

    private async Task RecordErrorAsync(BatchRow batch, Lease lease, Exception error)
    {
        var text = $"{error.GetType().Name}: {error.Message}";
        flow.Errors.Report(error, Component, batch.Id);
        if (batch.DispatchAttempt >= flow.Options.HandlerMaxAttempts)
        {
            await flow.TryHeldAsync(batch, lease, Park(text));
            return;
        }

        var wait = Backoff.BeforeHandler(batch.DispatchAttempt);
        if (await ReleaseAsync(batch, lease, batch.DispatchAttempt, When.In(wait), text))
            await flow.EnqueueAsync(new WorkItem(WorkKind.Dispatch, batch.Id), wait, Component, batch.Id);
    }

    private Task<bool> ReleaseAsync(BatchRow batch, Lease lease, int attempts, When next, string? error) => flow.TryHeldAsync(batch, lease, new BatchChange
    {
        DispatchAttempt = attempts,
        NextDispatchAt = next,
        DispatchError = error,
        Lease = LeaseChange.Release,
    });

    private static BatchChange Park(string error) => new()
    {
        NextDispatchAt = When.Never,
        DispatchParkedAt = When.Now,
        DispatchError = error,
        Lease = LeaseChange.Release,
    };

    // Its last run was never heard of again.
    private async Task ParkUnheardAsync(BatchRow batch)
    {
        var error = batch.DispatchError ?? "The process ended while the handler ran.";
        var change = Park(error) with { Lease = flow.Leases.TakeAway(batch.LeaseOwner) };
        if (await flow.TryAsync(batch, change, CancellationToken.None) is not null)
            flow.Errors.Report(new OffpeakException(OffpeakErrorCode.InvalidState, $"The handler of batch {batch.Id} is parked: {error}"), Component, batch.Id);
    }
}
