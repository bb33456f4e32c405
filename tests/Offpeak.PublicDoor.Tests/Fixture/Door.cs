using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Offpeak.PublicDoor.Tests.Acme;

namespace Offpeak.PublicDoor.Tests.Fixture;

/// <summary>A host as a user builds it, without workers and sweeps of its own: a database file, a clock, a provider and what the test adds.</summary>
internal sealed class Door : IAsyncDisposable
{
    public const string Model = "acme/tiny";

    private readonly string folder = Directory.CreateTempSubdirectory("offpeak-door-").FullName;
    private readonly ServiceProvider services;

    private Door(Action<OffpeakBuilder>? add)
    {
        services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(this)
            .AddOffpeak(offpeak =>
            {
                offpeak.UseSqlite(Path).RunWorkers(false).RunSweeps(false)
                    .AddAcme(acme => (acme.ApiKey, acme.Handler) = ("secret", Server));
                add?.Invoke(offpeak);
            })
            .BuildServiceProvider();
    }

    public string Path => System.IO.Path.Combine(folder, "offpeak.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));

    public AcmeServer Server { get; } = new();

    public BatchClient Client => Get<BatchClient>();

    public Maintenance Maintenance => Get<Maintenance>();

    public static async Task<Door> OpenAsync(Action<OffpeakBuilder>? add = null)
    {
        var door = new Door(add);
        await door.Get<DatabaseSetup>().RunAsync();
        return door;
    }

    public T Get<T>()
        where T : class => services.GetRequiredService<T>();

    /// <summary>A batch of these prompts, which are their ids too, submitted.</summary>
    public async Task<BatchInfo> SubmitAsync(IEnumerable<string> prompts, string? handler = null)
    {
        var batch = await Client.CreateAsync(new NewBatch(Model) { Handler = handler });
        await Client.AddEntriesAsync(batch.Id, prompts.Select(prompt => NewEntry.FromPrompt(prompt, prompt)));
        await Client.SubmitAsync(batch.Id);
        return batch;
    }

    /// <summary>Does something every minute, at most for so long, until something holds.</summary>
    public async Task EveryMinuteAsync(TimeSpan atMost, Func<Task> act, Func<Task<bool>> until)
    {
        for (var end = Time.GetUtcNow() + atMost; Time.GetUtcNow() <= end; Time.Advance(TimeSpan.FromMinutes(1)))
        {
            await act();
            if (await until())
                return;
        }

        Assert.Fail($"Not done within {atMost}.");
    }

    /// <summary>Ticks every minute until a batch is at its end.</summary>
    public Task TickToEndAsync(long batchId) =>
        EveryMinuteAsync(TimeSpan.FromHours(3), () => Maintenance.TickAsync(), async () => (await Client.FindAsync(batchId))!.IsTerminal);

    /// <summary>The answers of a batch by id.</summary>
    public async Task<Dictionary<string, string?>> ReadTextsAsync(long batchId) =>
        await Client.ReadEntriesAsync(batchId).ToDictionaryAsync(entry => entry.CustomId, entry => entry.Text);

    /// <summary>A connection of the user's own to the same file.</summary>
    public async Task<SqliteConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Server.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
