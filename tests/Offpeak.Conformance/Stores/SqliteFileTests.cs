using System.Data.Common;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>The file itself: how it is made, what is said when it cannot be used, and that nothing holds it in the end.</summary>
public sealed class SqliteFileTests : IAsyncDisposable
{
    private readonly SqliteSubject subject = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 7, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_new_file_is_made_for_many_readers_and_large_rows_and_tells_whose_it_is()
    {
        await subject.Open(clock).MigrateAsync(default);
        Assert.Equal(("wal", 8192L), (await ScalarAsync("PRAGMA journal_mode"), await ScalarAsync("PRAGMA page_size")));
        Assert.Equal((0x4F666670L, 3L), (await ScalarAsync("PRAGMA application_id"), await ScalarAsync("PRAGMA user_version")));
    }

    [Fact]
    public async Task Looking_for_tables_makes_no_file_and_none_in_the_file_of_another()
    {
        var store = subject.Open(clock);
        Assert.False((await store.FindTablesAsync(default)).AreThere);
        Assert.False(File.Exists(subject.Path));
        await ScalarAsync("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        Assert.False((await store.FindTablesAsync(default)).AreThere);
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM sqlite_master"));
        await ScalarAsync("CREATE TABLE offpeak_batches (id INTEGER PRIMARY KEY)");
        Assert.True((await store.FindTablesAsync(default)).AreThere);
    }

    [Fact]
    public async Task A_file_that_was_there_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
            return;

        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        await ScalarAsync("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        File.SetUnixFileMode(subject.Path, Shared);
        await subject.Open(clock).MigrateAsync(default);
        Assert.Equal(Shared, File.GetUnixFileMode(subject.Path));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_what_was_there_stays()
    {
        var store = subject.Open(clock);
        await store.MigrateAsync(default);
        var batch = await NewBatchAsync(store);
        await using var connection = await subject.ConnectAsync();
        await ScalarAsync(connection, $"PRAGMA max_page_count = {await ScalarAsync("PRAGMA page_count")}");
        await using var transaction = await connection.BeginTransactionAsync();
        var refused = await Assert.ThrowsAsync<OffpeakException>(
            () => store.In(transaction).AddEntriesAsync(batch.Id, [new("a", "m", "{}"u8.ToArray()), new("b", "m", new byte[100_000])], default));
        Assert.Equal(OffpeakErrorCode.Database, refused.Code);
        Assert.Contains("disk is full", refused.Message, StringComparison.Ordinal);
        await transaction.RollbackAsync();
        Assert.Equal(batch, await store.FindBatchAsync(batch.Id, default));
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_any_more_is_named_by_every_verb()
    {
        await using var gone = new SqliteSubject();
        var store = gone.Open(clock);
        Directory.Delete(Path.GetDirectoryName(gone.Path)!);
        try
        {
            foreach (var verb in (Func<Task>[])[() => store.ListBatchesAsync(new BatchQuery(), default), () => store.AddEntriesAsync(1, [], default)])
            {
                var refused = await Assert.ThrowsAsync<OffpeakException>(verb);
                Assert.Equal(OffpeakErrorCode.Database, refused.Code);
                Assert.Contains("folder exists", refused.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.CreateDirectory(Path.GetDirectoryName(gone.Path)!);
        }
    }

    [Fact]
    public async Task Once_the_store_is_disposed_of_nothing_holds_the_file()
    {
        var store = subject.Open(clock);
        await store.MigrateAsync(default);
        await NewBatchAsync(store);
        Assert.True(File.Exists(subject.Path + "-wal"));
        ((IDisposable)store).Dispose();
        Assert.False(File.Exists(subject.Path + "-wal"));
        Assert.Single(await store.ListBatchesAsync(new BatchQuery(), default));
        Assert.False(File.Exists(subject.Path + "-wal"));
    }

    public ValueTask DisposeAsync() => subject.DisposeAsync();

    private static async Task<BatchRow> NewBatchAsync(IOffpeakStore store) =>
        (await store.TryCreateBatchAsync(new BatchRow { Name = "n", Provider = "p", Model = "m", Endpoint = BatchEndpoint.Chat }, default))!;

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await subject.ConnectAsync();
        return await ScalarAsync(connection, sql);
    }

    private static async Task<object?> ScalarAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
