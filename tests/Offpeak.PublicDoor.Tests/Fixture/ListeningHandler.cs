using System.Collections.Concurrent;
using Offpeak.Handlers;

namespace Offpeak.PublicDoor.Tests.Fixture;

/// <summary>A user's handler that notes what it is told.</summary>
internal sealed class ListeningHandler(ListeningHandler.Notes notes) : BatchHandler
{
    public const string Name = "listen";

    protected override Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken) => NoteAsync("completion", outcome);

    protected override Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken) => NoteAsync("success", outcome);

    protected override Task OnFailureAsync(BatchOutcome outcome, CancellationToken cancellationToken) => NoteAsync("failure", outcome);

    private Task NoteAsync(string what, BatchOutcome outcome)
    {
        notes.Add($"{what} {outcome.Batch.Id}");
        return Task.CompletedTask;
    }

    /// <summary>What the handlers of one test were told, in order.</summary>
    internal sealed class Notes : ConcurrentQueue<string>
    {
        public void Add(string note) => Enqueue(note);
    }
}
