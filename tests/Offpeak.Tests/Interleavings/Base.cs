using Microsoft.Extensions.DependencyInjection;
using Offpeak.PostgreSql;
using Offpeak.Storage;
using Offpeak.TestKit.Postgres;

namespace Offpeak.Tests.Interleavings;

/// <summary>What the two processes of all runs of a scene keep their rows in.</summary>
internal abstract class Base : IAsyncDisposable
{
    public static async Task<Base> OpenAsync(string store) => store == "sqlite" ? new SqliteBase() : await PostgresBase.StartAsync();

    /// <summary>Makes a process use it; nothing where the world's own file is used.</summary>
    public abstract void Use(OffpeakBuilder offpeak, int side, TimeProvider clock);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Each world has a file of its own.</summary>
internal sealed class SqliteBase : Base
{
    public override void Use(OffpeakBuilder offpeak, int side, TimeProvider clock)
    {
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One database for all worlds, one after the other: each leaves only what has ended.</summary>
internal sealed class PostgresBase : Base
{
    private readonly PostgresDatabase database;
    private readonly SharedClock clock = new();
    private readonly PostgreSqlStore[] stores;

    private PostgresBase(PostgresDatabase database)
    {
        this.database = database;
        stores = [Open(), Open()];
    }

    public static async Task<PostgresBase> StartAsync() => new(await (await PostgresServer.GetAsync()).CreateDatabaseAsync());

    public override void Use(OffpeakBuilder offpeak, int side, TimeProvider clock)
    {
        this.clock.World = clock;
        offpeak.Services.AddSingleton<IOffpeakStore>(_ => stores[side]);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
            store.Dispose();

        await database.DisposeAsync();
    }

    private PostgreSqlStore Open() => new(database.ConnectionString, new PostgreSqlOptions { Clock = clock });

    /// <summary>The clock of the world that runs now.</summary>
    private sealed class SharedClock : TimeProvider
    {
        public TimeProvider World { get; set; } = System;

        public override DateTimeOffset GetUtcNow() => World.GetUtcNow();
    }
}
