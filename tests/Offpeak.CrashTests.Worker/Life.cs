using Microsoft.Extensions.Hosting;
using Offpeak.Codec;

namespace Offpeak.CrashTests.Worker;

/// <summary>One life of a worker: submit the batch or go on with it, and stay until its handler has run.</summary>
internal sealed class Life(WorkerSettings settings, SchemaWatch schema, BatchClient client, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(IHost host)
    {
        lifetime.ApplicationStopping.Register(() => Console.WriteLine(WorkerWords.Stopping));
        await host.StartAsync();
        schema.SchemaIsMade();
        Observation.Begin(settings.Database);
        Console.WriteLine(WorkerWords.Started);
        try
        {
            if (settings.Submits)
                await SubmitAsync(lifetime.ApplicationStopping);
            await WaitForDispatchAsync(lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop: the next life goes on from here.
        }

        await host.StopAsync();
    }

    private async Task SubmitAsync(CancellationToken ct)
    {
        var batch = await client.FindByInputKeyAsync(Workload.InputKey, ct) ?? await client.CreateAsync(
            new NewBatch($"{settings.Provider}/{Workload.Model}")
            {
                Endpoint = Providers.BatchEndpoint.Chat,
                Handler = Workload.Handler,
                InputKey = Workload.InputKey,
                Fallback = settings.HasFallback ? $"local/{Workload.Model}" : null,
            },
            ct);
        if (batch.Status != Batches.BatchStatus.Building)
            return;
        foreach (var chunk in Workload.Entries(settings).Skip(batch.EntryCount).Chunk(Workload.AddedAtOnce))
            await client.AddEntriesAsync(batch.Id, chunk, ct);
        await client.SubmitAsync(batch.Id, ct);
        Console.WriteLine(WorkerWords.Submitted);
    }

    private async Task WaitForDispatchAsync(CancellationToken ct)
    {
        while (await client.FindByInputKeyAsync(Workload.InputKey, ct) is not { HandlerDispatchedAt: not null })
            await Task.Delay(Glance, TimeProvider.System, ct);
        Console.WriteLine(WorkerWords.Done);
    }
}
