using Offpeak.Batches;
using Offpeak.Flow.Submit;
using Offpeak.Storage;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Deletes a batch with everything that belongs to it. Begun by a guarded change, so that a batch that was reopened meanwhile is spared. From
/// then on there is no way back: nobody else can use or change the batch, and whoever comes after a crash deletes the rest.
/// </summary>
internal sealed class DeleteBatch(FlowContext flow, StepEntries steps, CleanUpShard cleanUp)
{
    private const string Component = "delete_batch";

    /// <summary>Deletes at a user's word: a batch that was never sent, or one that is at its end.</summary>
    /// <exception cref="OffpeakException">
    /// It is running, its handler is due and not to be dropped, files of it are not to be left at a provider, or it does not exist.
    /// </exception>
    public async Task RunAsync(long batchId, bool withoutHandler, bool withoutCleanUp, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(batchId, orDeleting: true, ct);
        if (batch.Status == BatchStatus.Running)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} is not at its end; cancel it, or wait until it has finished and its handler has run.");

        // A purge never drops one: it may belong to a process that starts tomorrow. That no such process exists is a person's word.
        if (batch.NextDispatchAt is not null && !withoutHandler)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState,
                $"The handler '{batch.Handler}' of batch {batchId} has not run yet; wait until it has, or delete the batch without its handler.");
        }

        if (batch.Step != BatchStep.Delete && !withoutCleanUp)
            await CleanUpAsync(batchId, ct);

        if (!await TryRunAsync(batch, onlyIfNothingIsLeft: false, ct))
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} has just been changed by somebody else; look at it again.");
    }

    /// <summary>Deletes a batch if nothing of it is needed any more. False: something is, or somebody has changed it.</summary>
    public Task<bool> TryPurgeAsync(BatchRow batch, CancellationToken ct) => TryRunAsync(batch, onlyIfNothingIsLeft: true, ct);

    // Without its rows, nobody could say what lies at a provider. Once a batch is at its end there comes no more of it.
    private async Task CleanUpAsync(long batchId, CancellationToken ct)
    {
        foreach (var shard in (await flow.Store.ListShardsAsync(batchId, ct)).Where(shard => shard is { CleanedUpAt: null, NextCleanUpAt: not null }))
        {
            if (await cleanUp.RunAsync(Component, shard, ct) is not { } error)
                continue;

            var why = error is OffpeakException ? error.Message : $"{error.GetType().Name}.";
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState,
                $"What batch {batchId} has left at {shard.Provider} could not be deleted: {why} Try again later, or delete the batch without the clean-up.",
                error);
        }
    }

    private async Task<bool> TryRunAsync(BatchRow batch, bool onlyIfNothingIsLeft, CancellationToken ct)
    {
        var begun = batch.Step == BatchStep.Delete ? batch : await flow.TryAsync(batch, Begin(batch, onlyIfNothingIsLeft), ct);
        if (begun is null)
            return false;

        await steps.FinishAsync(begun, ct);
        if (await flow.Store.FindBatchAsync(begun.Id, ct) is not null)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidState,
                $"Batch {begun.Id} was changed while it was being deleted; what is left of it is deleted by the next sweep.");
        }

        return true;
    }

    // Nothing may lead to it any more: no input that it is recognised by, no handler that is due, no lease that somebody gives back.
    private BatchChange Begin(BatchRow batch, bool onlyIfNothingIsLeft) => new()
    {
        RequiresNothingLeft = onlyIfNothingIsLeft,
        Step = BatchStep.Delete,
        InputKey = (string?)null,
        NextDispatchAt = When.Never,
        Lease = flow.Leases.TakeAway(batch.LeaseOwner),
    };
}
