using Offpeak.Batches;
using Offpeak.Testing;

namespace Offpeak.Cli.Demo;

/// <summary>Watches the demo's batch, tells what happens, and kills the worker once it is half way.</summary>
internal sealed class DemoStory(DemoWorker worker, EmulatorServer emulator, double killAt)
{
    private bool saidLost;
    private bool saidFound;
    private bool killed;

    /// <summary>One look.</summary>
    public (string Stage, int Done) Tell(BatchDetails details)
    {
        var shard = details.Shards.Count == 0 ? null : details.Shards[^1];
        if (shard?.Status == ShardStatus.Unconfirmed)
            Once(ref saidLost, "[yellow]✗ The reply to the create call was lost:[/] did the provider take the batch? Never create blindly.");
        if (shard?.ProviderBatchId is { } id)
            Once(ref saidFound, $"[green]✓ Found again by its submission key:[/] {id}; the provider holds {emulator.Batches.Count} batch.");
        var done = Done(details, shard);
        if (!killed && done >= killAt * details.Batch.EntryCount && shard?.ProviderBatchId is not null)
            Kill(done, details.Batch.EntryCount);
        return (Stage(details, shard), done);
    }

    private void Kill(int done, int total)
    {
        var process = worker.Kill();
        Once(ref killed, $"[yellow]✗ Worker {process} killed (SIGKILL)[/] at {100 * done / total} %; the provider works on.");
        worker.Start();
        LiveTerminal.Say($"[green]✓ A new worker ({worker.ProcessId}) goes on with the same batch[/]: same command, nothing submitted twice.");
    }

    private static int Done(BatchDetails details, ShardInfo? shard)
    {
        var stored = details.Counts.Succeeded + details.Counts.Failed;
        var reported = shard?.Counts;
        return Math.Max(stored, Math.Min(details.Batch.EntryCount, (reported?.Succeeded ?? 0) + (reported?.Failed ?? 0)));
    }

    private static string Stage(BatchDetails details, ShardInfo? shard) => (details.Batch.Status, shard?.Status) switch
    {
        (BatchStatus.Building, _) => "Adding entries",
        (_, ShardStatus.Pending or ShardStatus.Submitting) => "Submitting",
        (_, ShardStatus.Unconfirmed) => "Looking for it",
        (_, ShardStatus.Submitted or ShardStatus.InProgress) => "Running",
        (BatchStatus.Running, _) => "Reading results",
        _ => "Done",
    };

    private static void Once(ref bool said, string markup)
    {
        if (!said)
            LiveTerminal.Say(markup);
        said = true;
    }
}
