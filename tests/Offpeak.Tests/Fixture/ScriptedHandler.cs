using System.Collections.Concurrent;
using Offpeak.Handlers;

namespace Offpeak.Tests.Fixture;

/// <summary>A handler that remembers its runs and does what a test tells it.</summary>
internal sealed class ScriptedHandler : IBatchHandler
{
    public ConcurrentQueue<string> Runs { get; } = new();

    public Func<BatchOutcome, Task>? OnRun { get; set; }

    public Func<BatchOutcome, CancellationToken, Task>? OnRunCancellable { get; set; }

    public async Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken)
    {
        Runs.Enqueue(outcome.DispatchId);
        if (OnRun is not null)
            await OnRun(outcome);
        if (OnRunCancellable is not null)
            await OnRunCancellable(outcome, cancellationToken);
    }
}
