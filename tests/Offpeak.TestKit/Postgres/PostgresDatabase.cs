namespace Offpeak.TestKit.Postgres;

/// <summary>A database of one test.</summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly PostgresServer server;

    internal PostgresDatabase(PostgresServer server, string name)
    {
        this.server = server;
        Name = name;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How to connect to it.</summary>
    public string ConnectionString => server.ConnectionString(Name);

    /// <summary>The same as a URL.</summary>
    public string Url => server.Url(Name);

    /// <summary>Drops it, whoever is connected.</summary>
    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
}
