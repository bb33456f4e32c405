using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>The SQLite driver on a file in a folder of its own.</summary>
public sealed class SqliteSubject : StoreSubject
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("offpeak-store-");
    private readonly List<ServiceProvider> providers = [];

    public string Path => System.IO.Path.Combine(folder.FullName, "offpeak.db");

    public override ValueTask StartAsync() => ValueTask.CompletedTask;

    public override IOffpeakStore Open(TimeProvider clock)
    {
        var services = new ServiceCollection().AddSingleton(clock).AddOffpeak(offpeak => offpeak.UseSqlite(Path)).BuildServiceProvider();
        providers.Add(services);
        return services.GetRequiredService<IOffpeakStore>();
    }

    public override async Task<DbConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var services in providers)
            await services.DisposeAsync();

        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }
}
