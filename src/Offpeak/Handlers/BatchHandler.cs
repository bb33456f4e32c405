using Offpeak.Batches;

namespace Offpeak.Handlers;

/// <summary>
/// A handler with one method per way a batch can end, called in this order: <see cref="OnCompletionAsync"/> always, then exactly one of
/// <see cref="OnSuccessAsync"/> and <see cref="OnFailureAsync"/>. Override those of interest. A run that throws starts again from the first.
/// </summary>
public abstract class BatchHandler : IBatchHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken)
    {
        await OnCompletionAsync(outcome, cancellationToken);
        if (outcome.Batch.Status == BatchStatus.Completed)
            await OnSuccessAsync(outcome, cancellationToken);
        else
            await OnFailureAsync(outcome, cancellationToken);
    }

    /// <summary>Always, before one of the other two.</summary>
    protected virtual Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The batch completed: every entry was answered or refused for good. Some entries, or all of them, may have failed.</summary>
    protected virtual Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The batch failed, expired or was cancelled; whatever was answered before is there.</summary>
    protected virtual Task OnFailureAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;
}
