using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Spectre.Console;

namespace Offpeak.Cli.Running;

/// <summary>Shows how far a batch is: a live bar for a person, a line per change otherwise. Looks at the database only.</summary>
internal sealed class RunProgress : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource stop = new();
    private readonly BatchClient client;
    private readonly long batchId;
    private readonly Task showing;

    private RunProgress(BatchClient client, long batchId)
    {
        this.client = client;
        this.batchId = batchId;
        showing = Task.Run(Terminal.IsLive ? ShowBarAsync : ShowLinesAsync);
    }

    public static RunProgress Start(BatchClient client, long batchId) => new(client, batchId);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private Task ShowBarAsync() => Terminal.Progress.Progress()
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            var bar = context.AddTask($"Batch {batchId}");
            while (!stop.IsCancellationRequested)
            {
                var view = await LookAsync();
                bar.MaxValue = view.Total;
                bar.Value = view.Done;
                bar.Description = Markup.Escape($"Batch {batchId} {view.Stage}");
                await Task.Delay(Interval, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            var last = await LookAsync();
            bar.Value = last.Done;
            bar.Description = Markup.Escape($"Batch {batchId} {last.Stage}");
        });

    private async Task ShowLinesAsync()
    {
        var shown = default(View);
        while (!stop.IsCancellationRequested)
        {
            var view = await LookAsync();
            if (view.IsNewsAfter(shown))
            {
                Terminal.Note($"Batch {batchId} {view.Stage}: {view.Done:N0} of {view.Total:N0}");
                shown = view;
            }

            await Task.Delay(Interval, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<View> LookAsync()
    {
        var details = await client.GetDetailsAsync(batchId, CancellationToken.None);
        var (batch, counts) = (details.Batch, details.Counts);
        var stored = counts.Succeeded + counts.Failed + counts.Canceled + counts.Expired;
        var open = Open(details);
        var atProvider = open.Select(shard => ProviderStateJson.ReadCounts(shard.RequestCounts))
            .Sum(reported => (reported?.Succeeded ?? 0) + (reported?.Failed ?? 0));
        // What is not with the provider now was settled before; what it has answered is stored only once it has ended.
        // Behind a canary the rest is not sent yet.
        var answered = open.Count == 0 ? 0
            : batch is { Canary: not null, Round: 1 } ? atProvider
            : batch.EntryCount - open.Sum(shard => shard.EntryCount) + atProvider;
        return new View(Math.Clamp(answered, stored, batch.EntryCount), Math.Max(1, batch.EntryCount), Stage(details));
    }

    private static List<ProviderBatch> Open(BatchDetails details) =>
        [.. details.ProviderBatches.Where(shard => shard.Round == details.Batch.Round && shard.ResultsFetchedAt is null)];

    private static string Stage(BatchDetails details)
    {
        var batch = details.Batch;
        if (batch.Status != BatchStatus.Running)
            return SnakeCaseEnum<BatchStatus>.Name(batch.Status);
        var open = Open(details);
        var stage = open switch
        {
            [] => "finishing",
            _ when open.Exists(shard => shard.PausedReason is not null) => "paused",
            _ when open.Exists(shard => shard.Status == ProviderBatchStatus.Unconfirmed) => "looking for a lost reply",
            _ when open.Exists(shard => shard.Status == ProviderBatchStatus.Pending && shard.LastErrorClass == ProviderErrorClass.Capacity.Value) =>
                "waiting for room at the provider",
            _ when open.Exists(shard => shard.Status == ProviderBatchStatus.Pending && shard.LastError is not null) => "waiting to submit again",
            _ when open.Exists(shard => shard.Status is ProviderBatchStatus.Pending or ProviderBatchStatus.Submitting) => "submitting",
            _ when open.Exists(shard => shard.Status.IsTerminal()) => "reading results",
            _ when open.Exists(shard => shard.LastErrorClass is not null) => "running (the provider has trouble answering; trying again)",
            _ => "running",
        };
        return batch.Round > 1 ? $"{stage} (round {batch.Round})" : stage;
    }

    private readonly record struct View(int Done, int Total, string Stage)
    {
        // A log of a day-long batch needs its steps and its tenths, not every entry.
        public bool IsNewsAfter(View shown) => Stage != shown.Stage || (Done > 0 && shown.Done == 0) || Tenths != shown.Tenths;

        private int Tenths => (int)(10L * Done / Math.Max(1, Total));
    }
}
