using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Benchmarks.Bed;

/// <summary>The real engine on a SQLite file, with nothing in the background, by its public door.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private Engine(ServiceProvider services) => this.services = services;

    public BatchClient Client => services.GetRequiredService<BatchClient>();

    public Maintenance Maintenance => services.GetRequiredService<Maintenance>();

    public static async Task<Engine> OpenAsync(
        string path, IBatchProvider[]? providers = null, string? emulator = null, VerbTimes? verbs = null, Action<OffpeakOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(Accounts(emulator)).Build());
        services.AddSingleton<IWorkQueue, DroppingQueue>();
        services.AddOffpeak(offpeak =>
        {
            offpeak.UseSqlite(path).RunWorkers(false).RunSweeps(false);
            offpeak.Configure(options => (options.PollSchedule, options.CleanUpProviderFiles) = (PollSchedule.Parse("50ms"), false));
            if (configure is not null)
                offpeak.Configure(configure);

            if (emulator is not null)
                offpeak.AddOpenAI().AddAnthropic().AddGemini().AddXAI();
        });
        foreach (var provider in providers ?? [])
            services.AddSingleton(provider);

        if (verbs is not null)
            Watch(services, verbs);

        var built = services.BuildServiceProvider();
        await built.GetRequiredService<DatabaseSetup>().RunAsync();
        return new Engine(built);
    }

    private static void Watch(ServiceCollection services, VerbTimes verbs)
    {
        var store = services.Last(service => service.ServiceType == typeof(IOffpeakStore)).ImplementationFactory!;
        services.AddSingleton(provider => verbs.Around((IOffpeakStore)store(provider)));
    }

    private static Dictionary<string, string?> Accounts(string? emulator) => emulator is null ? [] : new()
    {
        ["OPENAI_API_KEY"] = "emulator",
        ["OPENAI_BASE_URL"] = $"{emulator}v1",
        ["ANTHROPIC_API_KEY"] = "emulator",
        ["ANTHROPIC_BASE_URL"] = emulator,
        ["GEMINI_API_KEY"] = "emulator",
        ["GEMINI_BASE_URL"] = emulator,
        ["XAI_API_KEY"] = "emulator",
        ["XAI_BASE_URL"] = $"{emulator}xai/v1",
    };

    /// <summary>Makes a batch of 2 KB entries.</summary>
    public Task<long> AddBatchAsync(string provider, int count) => AddBatchAsync(
        new NewBatch($"{provider}/{Texts.Model}"),
        Enumerable.Range(0, count).Select(i => NewEntry.FromBody($"row-{i:D7}", Texts.Requests[i % Texts.Requests.Length])));

    /// <summary>Makes a batch of entries of 2 KB that the provider's own codec writes.</summary>
    public Task<long> AddPromptsAsync(string provider, int count, string? fallback = null) => AddBatchAsync(
        new NewBatch($"{provider}/{Texts.Model}") { Fallback = fallback, MaxRounds = fallback is null ? null : 1 },
        Enumerable.Range(0, count).Select(i => NewEntry.FromPrompt($"row-{i:D7}", Texts.Prompts[i % Texts.Prompts.Length])));

    public async Task<long> AddBatchAsync(NewBatch description, IEnumerable<NewEntry> entries)
    {
        var batch = await Client.CreateAsync(description);
        await Client.AddEntriesAsync(batch.Id, entries);
        return batch.Id;
    }

    public async Task SubmitAsync(long batchId)
    {
        await Client.SubmitAsync(batchId);
        await Client.RunUntilAcceptedAsync(batchId);
    }

    /// <summary>Waits until the provider has finished every provider batch, without telling the engine.</summary>
    public async Task AwaitProviderAsync(long batchId)
    {
        foreach (var shard in (await Client.GetAsync(batchId)).Shards)
        {
            var (name, model) = (shard.Model[..shard.Model.IndexOf('/')], shard.Model[(shard.Model.IndexOf('/') + 1)..]);
            var batch = new ProviderBatchRef
            {
                Key = shard.SubmissionKey,
                Model = model,
                Endpoint = Codec.BatchEndpoint.Responses,
                EntryCount = shard.EntryCount,
                ProviderBatchId = shard.ProviderBatchId!,
            };
            while ((await services.GetRequiredService<ProviderRegistry>().Get(name).GetStatusAsync(batch, CancellationToken.None)).State == ProviderBatchState.Running)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>Polls each provider batch, reads the results, applies them, and finishes the batch with the last.</summary>
    public async Task FinishAsync(long batchId)
    {
        var batch = await Client.RunToEndAsync(batchId);
        if (batch.Status != BatchStatus.Completed || batch.SucceededCount != batch.EntryCount)
            throw new InvalidOperationException($"The batch is {batch.Status} with {batch.SucceededCount} of {batch.EntryCount} answers.");
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private sealed class DroppingQueue : IWorkQueue
    {
        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
