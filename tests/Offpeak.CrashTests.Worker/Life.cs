using Microsoft.Extensions.Hosting;
using Offpeak.Batches;
using Offpeak.Codec;

namespace Offpeak.CrashTests.Worker;

/// <summary>One life of a worker: submit the batch or go on with it, and stay until its handler has run.</summary>
internal sealed class Life(WorkerSettings settings, BatchClient client, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(IHost host)
    {
        lifetime.ApplicationStopping.Register(() => Console.WriteLine(WorkerWords.Stopping));
        WaitForGate();
        await host.StartAsync();
        Observation.Begin(settings);
        Console.WriteLine(WorkerWords.Started);
        try
        {
            await LiveAsync(lifetime.ApplicationStopping);
            Console.WriteLine(WorkerWords.Done);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop: the next life goes on from here.
        }

        await host.StopAsync();
    }

    private void WaitForGate()
    {
        Console.WriteLine(WorkerWords.Ready);
        if (settings.Gate is { } gate)
            SpinWait.SpinUntil(() => File.Exists(gate));
    }

    private async Task LiveAsync(CancellationToken ct)
    {
        if (settings.Submits)
            await SubmitAsync(ct);

        if (settings.Cancels)
            await CancelAsync(ct);

        await WaitAsync(HasEndedAsync, ct);
        if (settings.Retries)
            await RetryAsync(ct);

        if (settings.Purges)
            await WaitAsync(IsGoneAsync, ct);
    }

    private async Task SubmitAsync(CancellationToken ct)
    {
        var batch = await client.FindByInputKeyAsync(Workload.InputKey, ct) ?? await client.CreateAsync(
            new NewBatch($"{settings.Provider}/{Workload.Model}")
            {
                Endpoint = BatchEndpoint.Chat,
                Handler = Workload.Handler,
                InputKey = Workload.InputKey,
                MaxCost = settings.MaxCost,
                Fallback = settings.HasFallback ? $"local/{Workload.Model}" : null,
            },
            ct);
        if (batch.Status != BatchStatus.Building)
            return;

        foreach (var chunk in Workload.Entries(settings).Skip(batch.EntryCount).Chunk(Workload.AddedAtOnce))
            await client.AddEntriesAsync(batch.Id, chunk, ct);

        await client.SubmitAsync(batch.Id, ct);
        Console.WriteLine(WorkerWords.Submitted);
    }

    private async Task CancelAsync(CancellationToken ct)
    {
        if (await FindAsync(ct) is { IsTerminal: false, CancelRequestedAt: null } batch)
            await client.CancelAsync(batch.Id, ct);
    }

    private async Task RetryAsync(CancellationToken ct)
    {
        var batch = await FindAsync(ct);
        await client.RetryAsync(batch!.Id, ct);
        await WaitAsync(HasEndedAsync, ct);
    }

    // A batch that is deleted had been handled before.
    private async Task<bool> HasEndedAsync(CancellationToken ct)
    {
        if (await FindAsync(ct) is not { } batch)
            return settings.Purges;

        if (batch is not { IsTerminal: true, Handler.SucceededAt: not null })
            return false;

        if (!settings.Purges && await client.GetAsync(batch.Id, ct) is { Batch.IsTerminal: true } details && details.Counts.Succeeded != details.Batch.SucceededCount)
            throw new InvalidOperationException("The batch counts its entries wrongly.");

        return true;
    }

    // While a batch is being deleted nobody finds it, but it is not gone. There is only one.
    private async Task<bool> IsGoneAsync(CancellationToken ct)
    {
        try
        {
            await client.GetAsync(1, ct);
            return false;
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.BatchNotFound || error.Code == OffpeakErrorCode.InvalidState)
        {
            return error.Code == OffpeakErrorCode.BatchNotFound;
        }
    }

    private async Task<BatchInfo?> FindAsync(CancellationToken ct) => (await client.ListAsync(limit: 1, cancellationToken: ct)).SingleOrDefault();

    private static async Task WaitAsync(Func<CancellationToken, Task<bool>> isDone, CancellationToken ct)
    {
        while (!await isDone(ct))
            await Task.Delay(Glance, TimeProvider.System, ct);
    }
}
