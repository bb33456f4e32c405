using Microsoft.Extensions.Hosting;
using Offpeak.Handlers;

namespace LibraryHost;

/// <summary>Runs when the batch has finished, in whatever process is alive then.</summary>
internal sealed class PrintAnswers(IHostApplicationLifetime lifetime) : BatchHandler
{
    protected override async Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Batch {outcome.Batch.Id} {outcome.Batch.Status}, cost {outcome.Batch.Cost} USD");
        await foreach (var entry in outcome.ReadEntriesAsync(cancellationToken))
            Console.WriteLine($"  {entry.CustomId}: {entry.Text}");
        lifetime.StopApplication();
    }
}
