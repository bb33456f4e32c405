using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Models;
using Offpeak.Storage;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Finishes what was begun on all entries of a batch, in chunks: no transaction is long, and whoever comes after a crash goes on with it,
/// because the batch says what was begun.
/// </summary>
internal sealed class StepEntries(FlowContext flow)
{
    /// <summary>Finishes the batch's step. Does nothing if somebody else has changed the batch.</summary>
    public async Task FinishAsync(BatchRow batch, CancellationToken ct)
    {
        try
        {
            await StepAllAsync(batch, ct);
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
            return;
        }

        if (batch.Step == BatchStep.Delete)
            await flow.Store.DeleteBatchAsync(batch, ct);
        else
            await flow.TryAsync(batch, new BatchChange { Step = (BatchStep?)null }, ct);

        flow.Probe.Reached(FlowPoint.StepDone);
    }

    private async Task StepAllAsync(BatchRow batch, CancellationToken ct)
    {
        var change = ChangeOf(batch);
        var model = batch.FallbackSince is not null ? ModelName.Split(batch.FallbackModel!).Model : null;
        for (long? after = 0; after is { } last;)
            after = await flow.Store.StepEntriesAsync(batch, change, model, last, ct);
    }

    private static EntryChange? ChangeOf(BatchRow batch) => batch.Step switch
    {
        BatchStep.Cancel => EntryChange.By(EntryStatus.Pending, EntryEvent.Cancel, FailureCodes.Canceled, "Not run before the batch was cancelled."),
        BatchStep.Stop => EntryChange.By(EntryStatus.Pending, EntryEvent.Refuse, batch.FailureCode, batch.FailureReason),
        _ => null,
    };
}
