using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly World world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Migrate_twice_keeps_what_is_there()
    {
        await using (var first = await Engine.StartAsync(world))
            await first.BuildAsync();
        await using var second = await Engine.StartAsync(world);

        Assert.NotNull(await second.Client.FindAsync(1));
    }

    [Fact]
    public async Task Migrate_goes_on_from_an_empty_file()
    {
        Write("PRAGMA journal_mode = WAL");

        await using var engine = await Engine.StartAsync(world);

        await engine.BuildAsync();
    }

    [Fact]
    public async Task Open_read_only_database_is_refused()
    {
        Write("VACUUM");

        await AssertRefusedAsync("read-only", $"file:{world.Path}?mode=ro");
    }

    [Fact]
    public Task Open_in_a_folder_that_does_not_exist_is_refused() =>
        AssertRefusedAsync("folder exists", Path.Combine(Path.GetDirectoryName(world.Path)!, "missing", "offpeak.db"));

    [Fact]
    public Task Open_a_folder_is_refused() => AssertRefusedAsync("cannot be opened", Path.GetDirectoryName(world.Path)!);

    [Fact]
    public void A_file_must_be_named()
    {
        Assert.Throws<ArgumentNullException>("builder", () => default(OffpeakBuilder)!.UseSqlite(world.Path));
        new ServiceCollection().AddOffpeak(offpeak =>
        {
            Assert.Throws<ArgumentNullException>("path", () => offpeak.UseSqlite(null!));
            Assert.Throws<ArgumentException>("path", () => offpeak.UseSqlite(""));
        });
    }

    private async Task AssertRefusedAsync(string expected, string path)
    {
        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => Engine.StartAsync(world, build: offpeak => offpeak.UseSqlite(path)));

        Assert.Equal(OffpeakErrorCode.Database, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private void Write(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={world.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
