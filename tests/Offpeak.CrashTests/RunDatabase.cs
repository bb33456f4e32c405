using System.Data.Common;
using Offpeak.CrashTests.Worker;
using Offpeak.TestKit.Postgres;

namespace Offpeak.CrashTests;

/// <summary>The database of a run: a file in its folder, or one on the tests' own server.</summary>
internal sealed class RunDatabase : IAsyncDisposable
{
    private readonly PostgresDatabase? postgres;

    private RunDatabase(StoreName store, string address, PostgresDatabase? postgres)
    {
        this.postgres = postgres;
        Store = store;
        Address = address;
    }

    public StoreName Store { get; }

    /// <summary>The file, or how to connect.</summary>
    public string Address { get; }

    public static async Task<RunDatabase> CreateAsync(StoreName store, string folder)
    {
        if (store == StoreName.Sqlite)
            return new RunDatabase(store, Path.Combine(folder, "crash.db"), postgres: null);

        var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        return new RunDatabase(store, database.ConnectionString, database);
    }

    public DbConnection Open() => Observation.Open(Store, Address);

    /// <summary>All rows of a query, read with plain SQL.</summary>
    public List<object?[]> Read(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);

            rows.Add(row);
        }

        return rows;
    }

    public ValueTask DisposeAsync() => postgres?.DisposeAsync() ?? default;
}
