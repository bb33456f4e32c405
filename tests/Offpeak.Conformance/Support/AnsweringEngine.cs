using Microsoft.Extensions.DependencyInjection;
using Offpeak.Conformance.Stores;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak.Conformance.Support;

/// <summary>The whole engine on a database of its own, with a provider that talks to an emulator.</summary>
internal sealed class AnsweringEngine : IAsyncDisposable
{
    private readonly SqliteSubject database;
    private readonly ServiceProvider services;

    private AnsweringEngine(SqliteSubject database, ServiceProvider services)
    {
        this.database = database;
        this.services = services;
    }

    public BatchClient Client => services.GetRequiredService<BatchClient>();

    public static async Task<AnsweringEngine> StartAsync(IBatchProvider provider)
    {
        var database = new SqliteSubject();
        var services = new ServiceCollection().AddLogging().AddOffpeak(offpeak => offpeak
            .UseSqlite(database.Path).AddProvider(_ => provider).RunWorkers(false).RunSweeps(false)
            .Configure(options => options.PollSchedule = PollSchedule.Parse("20ms"))).BuildServiceProvider();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
        return new AnsweringEngine(database, services);
    }

    /// <summary>Runs a batch to its end.</summary>
    public async Task<(BatchInfo Batch, IReadOnlyList<EntryOutcome> Entries)> RunAsync(NewBatch description, params IEnumerable<NewEntry> entries)
    {
        var batch = await Client.CreateAsync(description);
        await Client.AddEntriesAsync(batch.Id, entries);
        await Client.SubmitAsync(batch.Id);
        var ended = await Client.RunToEndAsync(batch.Id);
        return (ended, await Client.ReadEntriesAsync(batch.Id).ToListAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }
}
