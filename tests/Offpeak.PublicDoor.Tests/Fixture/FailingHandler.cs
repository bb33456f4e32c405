using Offpeak.Handlers;

namespace Offpeak.PublicDoor.Tests.Fixture;

/// <summary>A handler that throws as long as a test wants it to.</summary>
public sealed class FailingHandler(FailingHandler.Switch failing) : BatchHandler
{
    protected override Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken) =>
        failing.IsOn ? throw new InvalidOperationException("Not today.") : Task.CompletedTask;

    public sealed class Switch
    {
        public bool IsOn { get; set; }
    }
}
