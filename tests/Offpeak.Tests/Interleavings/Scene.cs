using System.Collections.Concurrent;
using Offpeak.Handlers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Interleavings;

/// <summary>What two processes find, and what each of them does then.</summary>
/// <param name="Prepare">Makes the batch and returns its id.</param>
/// <param name="One">What the first does.</param>
/// <param name="Two">What the second does.</param>
internal sealed record Scene(Func<Engine, Bed, Task<long>> Prepare, Func<Bed, Engine, Task> One, Func<Bed, Engine, Task> Two)
{
    /// <summary>Whether nothing may have been sent, and every entry be cancelled.</summary>
    public bool MayCancel { get; init; }
}

/// <summary>What one run of a scene is about.</summary>
internal sealed class Bed
{
    public Bed(ScriptedHandler handler)
    {
        Handler = handler;
        handler.OnRun = HandleAsync;
    }

    public ScriptedHandler Handler { get; }

    /// <summary>The dispatches that the handler was given and did.</summary>
    public ConcurrentQueue<string> Handled { get; } = new();

    public long Id { get; set; }

    public Task HandleAsync(BatchOutcome outcome)
    {
        Handled.Enqueue(outcome.DispatchId);
        return Task.CompletedTask;
    }
}
