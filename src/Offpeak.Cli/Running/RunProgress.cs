namespace Offpeak.Cli.Running;

/// <summary>Shows how far a batch is while it runs: a live bar for a person, a line per change otherwise. Looks at the database only.</summary>
internal sealed class RunProgress : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task showing;

    private RunProgress(BatchClient client, long batchId) =>
        showing = Task.Run(() => Terminal.IsLive ? RunBar.ShowAsync(client, batchId, stop.Token) : ShowLinesAsync(client, batchId, stop.Token));

    public static RunProgress Start(BatchClient client, long batchId) => new(client, batchId);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private static async Task ShowLinesAsync(BatchClient client, long batchId, CancellationToken ct)
    {
        var shown = default(RunView);
        await foreach (var progress in client.WatchAsync(batchId, ct))
        {
            var view = RunView.Of(progress);
            if (!view.IsNewsAfter(shown) || progress.Stage == BatchStage.Finished)
                continue;

            Terminal.Note($"Batch {batchId} {view.Stage}: {view.Done:N0} of {view.Total:N0}");
            shown = view;
        }
    }
}
