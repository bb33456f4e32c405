using Spectre.Console;

namespace Offpeak.Cli.Running;

/// <summary>The live bar of a run.</summary>
internal static class RunBar
{
    public static Task ShowAsync(BatchClient client, long batchId, CancellationToken ct) => LiveTerminal.ShowBarAsync($"Batch {batchId}", async bar =>
    {
        try
        {
            await foreach (var progress in client.WatchAsync(batchId, ct))
                Show(bar, batchId, RunView.Of(progress));
        }
        catch (OperationCanceledException)
        {
            // The run is over before the next look: the bar is to end where the batch did.
            await foreach (var last in client.WatchAsync(batchId, CancellationToken.None))
            {
                Show(bar, batchId, RunView.Of(last));
                break;
            }
        }

        return true;
    });

    private static void Show(ProgressTask bar, long batchId, RunView view)
    {
        bar.MaxValue = Math.Max(1, view.Total);
        bar.Value = view.Done;
        bar.Description = LiveTerminal.Escape($"Batch {batchId} {view.Stage}");
    }
}
