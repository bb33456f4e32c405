using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Flow.Advance;

/// <summary>Deletes a batch with everything that belongs to it. Begun by a guarded change, so that a batch that was reopened meanwhile is spared.</summary>
internal sealed class DeleteBatch(FlowContext flow, StepEntries steps)
{
    /// <summary>Deletes at a user's word: a batch that was never sent, or one that is at its end.</summary>
    /// <exception cref="OffpeakException">It is running, its handler is due, or it does not exist.</exception>
    public async Task RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(batchId, ct);
        if (batch.Status == BatchStatus.Running || batch.NextDispatchAt is not null)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} is not at its end; cancel it, or wait until it has finished and its handler has run.");

        if (!await TryRunAsync(batch, new BatchChange { RequiresFreeLease = true, FreeOf = flow.Leases.DeadOwner(batch.LeaseOwner) }, ct))
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} has just been changed by somebody else; look at it again.");
    }

    /// <summary>Deletes a batch if nothing of it is needed any more. False: something is, or somebody has changed it.</summary>
    public Task<bool> TryPurgeAsync(BatchRow batch, CancellationToken ct) => TryRunAsync(
        batch,
        new BatchChange { RequiresNothingLeft = true, RequiresFreeLease = true, FreeOf = flow.Leases.DeadOwner(batch.LeaseOwner) },
        ct);

    private async Task<bool> TryRunAsync(BatchRow batch, BatchChange guard, CancellationToken ct)
    {
        var begun = batch.Step == BatchStep.Delete ? batch : await flow.TryAsync(batch, guard with { Step = BatchStep.Delete }, ct);
        if (begun is null)
            return false;

        await steps.FinishAsync(begun, ct);
        return true;
    }
}
