using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Sqlite;
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
    public async Task Migrate_by_several_processes_at_once_makes_one_database()
    {
        var engines = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Engine.StartAsync(world))));

        await engines[0].BuildAsync();
        Assert.NotNull(await engines[3].Client.FindAsync(1));
        foreach (var engine in engines)
            await engine.DisposeAsync();
    }

    [Fact]
    public async Task Migrate_goes_on_from_an_empty_file()
    {
        Write("PRAGMA journal_mode = WAL");

        await using var engine = await Engine.StartAsync(world);

        await engine.BuildAsync();
    }

    [Fact]
    public Task Open_database_of_a_newer_version_is_refused() => AssertRefusedAsync(
        () => Write($"CREATE TABLE offpeak_schema (version INTEGER NOT NULL); INSERT INTO offpeak_schema VALUES ({SqliteSchema.Current + 1});"), "newer version");

    [Fact]
    public async Task Open_database_with_tables_of_others_leaves_them_alone()
    {
        Write("CREATE TABLE songs (id); INSERT INTO songs VALUES (7); PRAGMA user_version = 42; PRAGMA application_id = 99;");

        await using var engine = await Engine.StartAsync(world);
        await engine.BuildAsync();
        await using var again = await Engine.StartAsync(world);

        Assert.NotNull(await again.Client.FindAsync(1));
        Assert.Equal((7L, 42L, 99L), (Read("SELECT id FROM songs"), Read("PRAGMA user_version"), Read("PRAGMA application_id")));
    }

    [Fact]
    public Task Open_file_that_is_no_database_is_refused() => AssertRefusedAsync(
        () => File.WriteAllText(world.Path, string.Concat(Enumerable.Repeat("This is a letter, not a database.\n", 100))), "not a database");

    [Fact]
    public async Task Open_read_only_database_is_refused()
    {
        Write("VACUUM");

        await AssertRefusedAsync(() => { }, "read-only", $"file:{world.Path}?mode=ro");
    }

    [Fact]
    public Task Open_in_a_folder_that_does_not_exist_is_refused() =>
        AssertRefusedAsync(() => { }, "folder exists", Path.Combine(Path.GetDirectoryName(world.Path)!, "missing", "offpeak.db"));

    [Fact]
    public Task Open_a_folder_is_refused() => AssertRefusedAsync(() => { }, "cannot be opened", Path.GetDirectoryName(world.Path)!);

    [Fact]
    public async Task New_file_is_readable_by_its_owner_alone()
    {
        await using var engine = await Engine.StartAsync(world);
        await engine.BuildAsync();

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(world.Path)!))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

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

    private async Task AssertRefusedAsync(Action prepare, string expected, string? path = null)
    {
        prepare();
        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => Engine.StartAsync(world, build: offpeak => offpeak.UseSqlite(path ?? world.Path)));

        Assert.Equal(OffpeakErrorCode.Database, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private void Write(string sql) => Read(sql);

    private long Read(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={world.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }
}
