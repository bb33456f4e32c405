using Npgsql;
using Offpeak.PostgreSql.Schema;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class SchemaTests
{
    [PostgresFact]
    public async Task MigrateAsync_EightAtOnce_AllFindTheTables()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgreSqlSchema.MigrateAsync(source, null, default)));

        Assert.Equal(PostgreSqlSchema.Version, await ScalarAsync<int>(source, "SELECT version FROM offpeak_schema"));
        Assert.Equal(1L, await ScalarAsync<long>(source, "SELECT count(*) FROM offpeak_schema"));
    }

    [PostgresFact]
    public async Task MigrateAsync_NewerVersion_IsRefusedAndLeftAlone()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await PostgreSqlSchema.MigrateAsync(source, null, default);
        await ScalarAsync<object>(source, "UPDATE offpeak_schema SET version = 99 RETURNING version");

        var error = await Assert.ThrowsAsync<OffpeakException>(() => PostgreSqlSchema.MigrateAsync(source, null, default));

        Assert.Equal(OffpeakErrorCode.Database, error.Code);
        Assert.Contains("newer version of Offpeak (schema 99", error.Message, StringComparison.Ordinal);
        Assert.Equal(99, await ScalarAsync<int>(source, "SELECT version FROM offpeak_schema"));
    }

    [PostgresFact]
    public async Task MigrateAsync_SchemaOfAName_HoldsAllTablesBesideThoseOfAnother()
    {
        const string Name = "my \"jobs\"";
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await PostgreSqlSchema.MigrateAsync(source, null, default);
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = PostgreSqlSchema.QuoteName(Name) };
        await using var named = NpgsqlDataSource.Create(settings.ConnectionString);

        await PostgreSqlSchema.MigrateAsync(named, Name, default);

        const string Count = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'offpeak%' AND schemaname = ";
        Assert.Equal(await ScalarAsync<long>(source, Count + "'public'"), await ScalarAsync<long>(source, Count + $"'{Name}'"));
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
