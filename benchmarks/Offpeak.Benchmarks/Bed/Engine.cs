using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Storage;

namespace Offpeak.Benchmarks.Bed;

/// <summary>The real engine on a SQLite file, with nothing in the background.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private Engine(ServiceProvider services) => this.services = services;

    public BatchClient Client => services.GetRequiredService<BatchClient>();

    public DriveBatch Driver => services.GetRequiredService<DriveBatch>();

    public static async Task<Engine> OpenAsync(string path, IBatchProvider? provider = null, string? emulator = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(Accounts(emulator)).Build());
        services.AddSingleton<IPollQueue, DroppingQueue>();
        services.AddOffpeak(offpeak =>
        {
            offpeak.RunInProcess = false;
            offpeak.UseSqlite(path);
            offpeak.Configure(options => (options.PollSchedule, options.CleanUpProviderFiles) = (PollSchedule.Parse("50ms"), false));
            if (emulator is not null)
                offpeak.AddOpenAI().AddAnthropic().AddGemini().AddXAI();
        });
        if (provider is not null)
            services.AddSingleton(provider);
        var built = services.BuildServiceProvider();
        await built.GetRequiredService<DatabaseMigration>().RunAsync();
        return new Engine(built);
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

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Makes a batch of 2 KB entries.</summary>
    public async Task<long> AddBatchAsync(string provider, int count)
    {
        var batch = await Client.CreateAsync(new NewBatch($"{provider}/{Texts.Model}"));
        await Client.AddEntriesAsync(batch.Id, Enumerable.Range(0, count).Select(Entry));
        return batch.Id;
    }

    /// <summary>Makes a batch of entries of 2 KB that the provider's own codec writes.</summary>
    public async Task<long> AddPromptsAsync(string provider, int count)
    {
        var batch = await Client.CreateAsync(new NewBatch($"{provider}/{Texts.Model}"));
        await Client.AddEntriesAsync(batch.Id, Enumerable.Range(0, count).Select(i => NewEntry.FromPrompt($"row-{i:D6}", Texts.Prompts[i % Texts.Prompts.Length])));
        return batch.Id;
    }

    public async Task SubmitAsync(long batchId)
    {
        await Client.SubmitAsync(batchId);
        await Driver.RunUntilAcceptedAsync(batchId, CancellationToken.None);
    }

    /// <summary>Waits until the provider has finished every provider batch, without telling the engine.</summary>
    public async Task AwaitProviderAsync(long batchId)
    {
        foreach (var shard in (await Client.GetDetailsAsync(batchId)).ProviderBatches)
        {
            var provider = Get<ProviderRegistry>().Get(shard.Provider);
            while ((await provider.GetStatusAsync(Get<FlowContext>().Ref(shard), CancellationToken.None)).State == ProviderBatchState.Running)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>One poll of each provider batch: reads the results, applies them, and finishes the batch with the last.</summary>
    public async Task PollAsync(long batchId)
    {
        foreach (var shard in (await Client.GetDetailsAsync(batchId)).ProviderBatches)
            await Get<PollProviderBatch>().RunAsync(new PollRequest(shard.Id, shard.PollGeneration), CancellationToken.None);
        var batch = (await Client.FindAsync(batchId))!;
        if (batch.Status != BatchStatus.Completed || batch.SucceededCount != batch.EntryCount)
            throw new InvalidOperationException($"The batch is {batch.Status} with {batch.SucceededCount} of {batch.EntryCount} answers.");
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }

    private static NewEntry Entry(int i) => NewEntry.FromBody($"row-{i:D6}", Texts.Requests[i % Texts.Requests.Length]);

    private sealed class DroppingQueue : IPollQueue
    {
        public Task EnqueueAsync(PollRequest request, TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
