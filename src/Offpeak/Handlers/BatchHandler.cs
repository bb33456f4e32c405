using Offpeak.Batches;

namespace Offpeak.Handlers;

/// <summary>A handler with one method per way a batch can end. Override those of interest.</summary>
public abstract class BatchHandler : IBatchHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Batch.Status == BatchStatus.Completed)
            await OnSuccessAsync(outcome, cancellationToken);
        else
            await OnFailureAsync(outcome, cancellationToken);
        await OnCompletionAsync(outcome, cancellationToken);
    }

    /// <summary>The batch completed: every entry was answered or refused for good.</summary>
    protected virtual Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The batch failed, expired or was cancelled; whatever was answered before is there.</summary>
    protected virtual Task OnFailureAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Always, after one of the other two.</summary>
    protected virtual Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;
}
