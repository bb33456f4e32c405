using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Storage;
using Offpeak.Sweeps;

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

    public FakeProvider Provider => World.Provider;

    public FakeTimeProvider Time => World.Time;

    public RecordingQueue Queue => World.Queue;

    public IReadOnlyList<ReportedError> Reports => World.Errors.Reports;

    public BatchClient Client => Get<BatchClient>();

    public ResumeStalledPolls Resume => Get<ResumeStalledPolls>();

    public ReconcileSubmissions Reconcile => Get<ReconcileSubmissions>();

    public SubmitPendingBatches Submit => Get<SubmitPendingBatches>();

    public ExpireStuckBatches Expire => Get<ExpireStuckBatches>();

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
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddLogging(logging => logging.AddProvider(world.Logs));
        collection.AddSingleton<TimeProvider>(world.Time);
        collection.AddSingleton<Random>(new NoJitter());
        collection.AddSingleton<IPollQueue>(world.Queue);
        collection.AddSingleton(world.Errors);
        collection.AddSingleton<IBatchProvider>(world.Provider);
        more?.Invoke(collection);
        collection.AddOffpeak(offpeak =>
        {
            offpeak.UseSqlite(world.Path).ReportErrorsTo<RecordingReporter>().RunInProcess = false;
            offpeak.Configure(settings => options?.Invoke(settings));
            build?.Invoke(offpeak);
        });
        var services = collection.BuildServiceProvider();
        await services.GetRequiredService<DatabaseMigration>().RunAsync();
        return new Engine(world, services, ownsWorld);
    }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public OffpeakDbContext Db() => Get<IDbContextFactory<OffpeakDbContext>>().CreateDbContext();

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

    public async Task<Batch> BatchAsync(long id) => (await Client.FindAsync(id))!;

    public async Task<IReadOnlyList<ProviderBatch>> ShardsAsync(long id) => (await Client.GetDetailsAsync(id)).ProviderBatches;

    /// <summary>The newest provider batch of a batch.</summary>
    public async Task<ProviderBatch> ShardAsync(long id) => (await ShardsAsync(id))[^1];

    public async Task<EntryCounts> CountsAsync(long id) => (await Client.GetDetailsAsync(id)).Counts;

    public async Task<List<EntryOutcome>> EntriesAsync(long id) => await Client.ReadEntriesAsync(id).ToListAsync();

    public async Task<EntryOutcome> EntryAsync(long id, string customId) => (await EntriesAsync(id)).Single(entry => entry.CustomId == customId);

    /// <summary>Polls a batch's newest provider batch now, as its own chain would.</summary>
    public async Task PollAsync(long id)
    {
        var shard = await ShardAsync(id);
        await RunAsync(new PollRequest(shard.Id, shard.PollGeneration));
    }

    public Task RunAsync(PollRequest request, CancellationToken ct = default) => Get<PollProviderBatch>().RunAsync(request, ct);

    /// <summary>Delivers everything the queue holds, whatever its delay.</summary>
    public async Task DeliverAsync()
    {
        foreach (var poll in Queue.Take())
            await RunAsync(poll.Request);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var db = Db();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (ownsWorld)
            World.Dispose();
    }
}
