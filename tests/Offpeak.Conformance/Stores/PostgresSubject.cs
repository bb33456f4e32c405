using System.Data.Common;
using Npgsql;
using Offpeak.PostgreSql;
using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.Conformance.Stores;

/// <summary>The PostgreSQL driver on a database of its own, on the server of the tests.</summary>
public sealed class PostgresSubject : StoreSubject
{
    private readonly List<PostgreSqlStore> stores = [];
    private PostgresDatabase? database;

    // What a timestamptz holds.
    public override TimeSpan Resolution => TimeSpan.FromMicroseconds(1);

    public override async ValueTask StartAsync()
    {
        Assert.SkipUnless(PostgresServer.CanRun, "PostgreSQL is not installed: apt-get install postgresql.");
        database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
    }

    public override IOffpeakStore Open(TimeProvider clock)
    {
        var store = new PostgreSqlStore(database!.ConnectionString, new PostgreSqlOptions { Clock = clock });
        stores.Add(store);
        return store;
    }

    public override async Task<DbConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection($"{database!.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
            store.Dispose();

        if (database is not null)
            await database.DisposeAsync();
    }
}
