using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Sweeps;
using Offpeak.Work;

namespace Offpeak.Tests.Fixture;

/// <summary>One process: the engine wired as a host wires it, with nothing running by itself.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly bool ownsWorld;

    private Engine(World world, ServiceProvider services, bool ownsWorld)
    {
        World = world;
        this.services = services;
        this.ownsWorld = ownsWorld;
    }

    public World World { get; }

    /// <summary>The process's clock; suspending it suspends what the process does by itself.</summary>
    public required ProcessClock Clock { get; init; }

    public required StoreHooks Hooks { get; init; }

    public FakeProvider Provider => World.Provider;

    public FakeTimeProvider Time => World.Time;

    public RecordingQueue Queue => World.Queue;

    public IReadOnlyList<ReportedError> Reports => World.Errors.Reports;

    public BatchClient Client => Get<BatchClient>();

    public IOffpeakStore Store => Get<IOffpeakStore>();

    public TestSweep Resume => Sweep(SweepName.ResumeStalledPolls);

    public TestSweep Reconcile => Sweep(SweepName.ReconcileSubmissions);

    public TestSweep Submit => Sweep(SweepName.SubmitPendingBatches);

    public TestSweep Expire => Sweep(SweepName.ExpireStuckBatches);

    public TestSweep CleanUp => Sweep(SweepName.CleanUpProviderFiles);

    public TestSweep Purge => Sweep(SweepName.PurgeOldBatches);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Starts a process in a world of its own.</summary>
    public static Task<Engine> StartAsync(
        Action<OffpeakOptions>? options = null, Action<IServiceCollection>? more = null, Action<OffpeakBuilder>? build = null) =>
        StartAsync(new World(), options, more, build, ownsWorld: true);

    /// <summary>Starts a further process in a world.</summary>
    public static async Task<Engine> StartAsync(
        World world,
        Action<OffpeakOptions>? options = null,
        Action<IServiceCollection>? more = null,
        Action<OffpeakBuilder>? build = null,
        bool ownsWorld = false)
    {
        var clock = new ProcessClock(world.Time);
        var hooks = new StoreHooks();
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddLogging(logging => logging.AddProvider(world.Logs));
        collection.AddSingleton<TimeProvider>(clock);
        collection.AddSingleton(new Jitter(new NoJitter()));
        collection.AddSingleton<IWorkQueue>(world.Queue);
        collection.AddSingleton(world.Errors);
        collection.AddSingleton<IBatchProvider>(world.Provider);
        more?.Invoke(collection);
        collection.AddOffpeak(offpeak =>
        {
            offpeak.UseSqlite(world.Path).ReportErrorsTo<RecordingReporter>().RunWorkers(false).RunSweeps(false);
            offpeak.Configure(settings => options?.Invoke(settings));
            build?.Invoke(offpeak);
        });
        var made = collection.Last(service => service.ServiceType == typeof(IOffpeakStore));
        collection.AddSingleton(provider => InterceptedStore.Of((IOffpeakStore)made.ImplementationFactory!(provider), hooks));
        var services = collection.BuildServiceProvider();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
        world.Queue.OnAdvance = item => services.GetRequiredService<WorkSteps>().RunInlineAsync(item, onlyBatch: true, CancellationToken.None);
        return new Engine(world, services, ownsWorld) { Clock = clock, Hooks = hooks };
    }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Makes a batch with entries, not submitted.</summary>
    public async Task<long> BuildAsync(int entries = 1, NewBatch? description = null)
    {
        var batch = await Client.CreateAsync(description ?? new NewBatch("fake/model-1"));
        await Client.AddEntriesAsync(batch.Id, Enumerable.Range(1, entries).Select(i => Entry($"e{i}")));
        return batch.Id;
    }

    public static NewEntry Entry(string customId, string? model = null) => NewEntry.FromBody(customId, FakeCodec.Body(customId), model);

    /// <summary>Makes a batch and submits it as far as the provider allows.</summary>
    public async Task<long> SubmitAsync(int entries = 1, NewBatch? description = null)
    {
        var id = await BuildAsync(entries, description);
        await Client.SubmitAsync(id);
        await Submit.RunOnceAsync();
        return id;
    }

    public async Task<BatchRow> BatchAsync(long id) => (await Store.FindBatchAsync(id, CancellationToken.None))!;

    public Task<IReadOnlyList<ShardRow>> ShardsAsync(long id) => Store.ListShardsAsync(id, CancellationToken.None);

    /// <summary>The newest shard of a batch.</summary>
    public async Task<ShardRow> ShardAsync(long id) => (await ShardsAsync(id))[^1];

    public Task<EntryCounts> CountsAsync(long id) => Store.CountEntriesAsync(id, CancellationToken.None);

    public async Task<List<EntryOutcome>> EntriesAsync(long id) => await Client.ReadEntriesAsync(id).ToListAsync();

    public async Task<EntryOutcome> EntryAsync(long id, string customId) => (await EntriesAsync(id)).Single(entry => entry.CustomId == customId);

    /// <summary>Polls a batch's newest shard now, as its own chain would, and goes on with the batch.</summary>
    public async Task PollAsync(long id)
    {
        var shard = await ShardAsync(id);
        await RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration));
    }

    /// <summary>Does a piece of work and what follows for its batch; submits are left to the sweep.</summary>
    public Task RunAsync(WorkItem item, CancellationToken ct = default) => Get<WorkSteps>().RunInlineAsync(item, onlyBatch: true, ct);

    /// <summary>Delivers everything the queue holds, whatever its delay.</summary>
    public async Task DeliverAsync()
    {
        foreach (var work in Queue.Take())
            await RunAsync(work.Item);
    }

    public async Task ExecuteAsync(string sql) => await QueryAsync(sql);

    public async Task<long> CountAsync(string table) => (long)(await QueryAsync($"SELECT count(*) FROM {table};"))!;

    private async Task<object?> QueryAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={World.Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    private TestSweep Sweep(SweepName name) => new(services.GetServices<ISweep>().Single(sweep => sweep.Name == name), Queue, Get<WorkSteps>());

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (ownsWorld)
            World.Dispose();
    }
}
