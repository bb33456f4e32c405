using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests.Support;

/// <summary>A fresh database with the tables in it, and a store on it; more stores stand for more processes.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly List<PostgreSqlStore> stores = [];

    private TestStore(PostgresDatabase database) => this.database = database;

    public IOffpeakStore Store => stores[0];

    public string ConnectionString => database.ConnectionString;

    public static async Task<TestStore> CreateAsync()
    {
        var made = new TestStore(await (await PostgresServer.GetAsync()).CreateDatabaseAsync("offpeak_tables", MigrateAsync));
        made.AddStore();
        return made;
    }

    /// <summary>A store with connections of its own.</summary>
    public IOffpeakStore AddStore(PostgreSqlOptions? options = null, string settings = "")
    {
        var store = new PostgreSqlStore(database.ConnectionString + settings, options ?? new PostgreSqlOptions());
        stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
            store.Dispose();

        await database.DisposeAsync();
    }

    private static async Task MigrateAsync(string connectionString)
    {
        using var store = new PostgreSqlStore(connectionString, new PostgreSqlOptions());
        await store.MigrateAsync(default);
    }
}
