using Npgsql;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class ErrorTests
{
    [PostgresFact]
    public async Task Translate_WrongPassword_NamesServerAndUserButNoPassword()
    {
        var server = await PostgresServer.GetAsync();
        await server.ExecuteAsync("CREATE ROLE guarded LOGIN PASSWORD 'right'");

        var message = await ConnectAsync(PostgreSqlAddress.Parse(server.Url("postgres", "guarded:hush")));

        Assert.Matches("^PostgreSQL at 127.0.0.1:[0-9]+ refuses the user guarded with this password.$", message);
    }

    [PostgresFact]
    public async Task Translate_NoSuchDatabase_SaysSo()
    {
        var server = await PostgresServer.GetAsync();

        var message = await ConnectAsync(PostgreSqlAddress.Parse(server.Url("nowhere")));

        Assert.Matches("^PostgreSQL at 127.0.0.1:[0-9]+ has no database nowhere: create it first.$", message);
    }

    [Fact]
    public async Task Translate_NobodyListens_SaysSo()
    {
        var message = await ConnectAsync(PostgreSqlAddress.Parse("postgres://ann:hush@127.0.0.1:1/jobs"));

        Assert.Equal("PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused.", message);
    }

    [PostgresFact]
    public async Task Translate_ConnectionIsEndedByTheServer_SaysSo()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pg_backend_pid())", connection);

        var error = await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteNonQueryAsync());

        Assert.Contains("cannot be used now: terminating connection", Translate(error, database)!.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Translate_FaultOfTheStatement_IsLeftAlone()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT 1 / 0", connection);

        var error = await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteNonQueryAsync());

        Assert.Null(Translate(error, database));
    }

    private static OffpeakException? Translate(Exception error, PostgresDatabase database) =>
        PostgreSqlErrors.Translate(error, new NpgsqlConnectionStringBuilder(database.ConnectionString));

    private static async Task<string> ConnectAsync(NpgsqlConnectionStringBuilder settings)
    {
        await using var connection = new NpgsqlConnection(settings.ConnectionString + ";Pooling=false");
        var error = await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync());

        var translated = PostgreSqlErrors.Translate(error, settings);

        Assert.Equal(OffpeakErrorCode.Database, translated?.Code);
        Assert.DoesNotContain("hush", translated!.ToString(), StringComparison.Ordinal);
        return translated.Message;
    }
}
