using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>
/// Files of version 0.1, recorded from its command line against its emulator: a batch that is done, one that runs, one whose create call's
/// reply was lost, and one that takes entries. Nothing of them is lost, and each goes on. Then files that hold other things.
/// </summary>
public sealed class SqliteUpgradeTests : IAsyncDisposable
{
    private readonly SqliteSubject subject = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 7, 30, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(1, true)]
    public async Task Nothing_of_a_first_edition_file_is_lost(int version, bool isForgotten)
    {
        // A host may have set the version of the file back.
        var store = await UpgradeAsync(version, isForgotten ? "PRAGMA user_version = 0" : "");
        var batches = (await store.ListBatchesAsync(new BatchQuery(), default)).Reverse().ToList();
        Assert.Equal(
            [("done", BatchStatus.Completed, 3, 3), ("running", BatchStatus.Running, 3, 0), ("lost", BatchStatus.Running, 3, 0), ("building", BatchStatus.Building, 2, 0)],
            batches.Select(row => (row.Name, row.Status, row.EntryCount, row.SucceededCount)));
        Assert.Equal(0.000005625m, batches[0].Cost);
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 7, 6, 49, TimeSpan.Zero).AddTicks(627384), batches[0].SubmittedAt);
        var results = await store.ReadResultsAsync(batches[0].Id, 0, long.MaxValue, default);
        Assert.Equal(["row-1", "row-2", "row-3"], results.Select(row => row.Entry.CustomId));
        Assert.All(results, row => Assert.Equal((EntryStatus.Succeeded, '{'), (row.Entry.Status, (char)row.Body.Span[0])));
        Assert.Equal(batches[0].Cost, results.Sum(row => row.Entry.Cost));
    }

    [Fact]
    public async Task Shards_of_a_first_edition_file_keep_what_is_known_of_them()
    {
        var store = await UpgradeAsync(2);
        var (done, running, lost) = (await OneAsync(store, 1), await OneAsync(store, 2), await OneAsync(store, 3));
        Assert.Equal((ShardStatus.Ended, 1, 3, "file-bd95cec2929f4beb814d12e13062fd3f"), (done.Status, done.Number, done.Counts!.Succeeded, done.Journal["output_file_id"]));
        Assert.NotNull(done.CleanedUpAt);
        Assert.Equal((null, (done.BodyBytes + 3) / 4, done.FirstCreateAt!.Value), (done.NextCleanUpAt, done.EnqueuedTokens, done.PlannedAt));
        Assert.Equal((ShardStatus.Submitted, "batch_b6c67586f79340d09a88b5cf2ac5b8b1", 0, null), (running.Status, running.ProviderBatchId, running.LostCreates, running.Trouble));
        Assert.Equal((ShardStatus.Unconfirmed, 1, false, false), (lost.Status, lost.LostCreates, lost.IsFallback, lost.Trouble!.IsPaused));
        Assert.StartsWith("openai broke the connection", lost.Trouble.Message);
    }

    [Fact]
    public async Task What_the_first_edition_began_goes_on()
    {
        var store = await UpgradeAsync(2);
        Assert.Equal([2L], (await store.ResumePollsAsync(TimeSpan.FromMinutes(5), [], 0, 10, default)).Rows.Select(row => row.ShardId));
        Assert.Equal([3L], (await store.FindUnsettledAsync(0, 10, default)).Rows.Select(row => row.Id));
        var shard = (await store.TryChangeShardAsync(await OneAsync(store, 2), new ShardChange { Lease = new LeaseChange("w", TimeSpan.FromMinutes(1)) }, null, default))!;
        var open = await store.ReadShardRequestsAsync(shard, true, 0, long.MaxValue, default);
        var answers = open.Select(row => new ResultRow(row.EntryId, EntryStatus.Succeeded, new Providers.ProviderResult { Kind = Providers.ProviderResultKind.Succeeded }, 0.1m));
        Assert.Equal(new AppliedResults(3, 0), await store.ApplyResultsAsync(shard, "w", TimeSpan.FromMinutes(1), [.. answers], default));
        Assert.Equal((3, 0.3m), ((await store.FindBatchAsync(2, default))!.SucceededCount, (await store.FindBatchAsync(2, default))!.Cost));
        await store.AddEntriesAsync(4, [new NewEntryRow("new", "m", "{}"u8.ToArray())], default);
        Assert.Equal(3, (await store.ReadWaitingAsync(4, 0, 10, default)).Count);
    }

    [Fact]
    public async Task An_upgraded_file_has_the_columns_and_indexes_of_a_new_one()
    {
        await UpgradeAsync(1);
        await using var fresh = new SqliteSubject();
        await fresh.Open(clock).MigrateAsync(default);
        Assert.Equal(Schema(fresh.Path), Schema(subject.Path));
        Assert.Equal(0L, Scalar(subject.Path, "SELECT count(*) FROM sqlite_master WHERE name LIKE '__EF%'"));
    }

    [Fact]
    public async Task A_file_of_a_host_keeps_its_tables_and_its_version()
    {
        Execute("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (7); PRAGMA user_version = 77; PRAGMA application_id = 99;");
        var store = subject.Open(clock);
        await store.MigrateAsync(default);
        await subject.Open(clock).MigrateAsync(default);
        Assert.NotNull(await store.TryCreateBatchAsync(new BatchRow { Name = "n", Provider = "p", Model = "m", Endpoint = BatchEndpoint.Chat }, default));
        Assert.Equal((77L, 99L, 7L), (Scalar(subject.Path, "PRAGMA user_version"), Scalar(subject.Path, "PRAGMA application_id"), Scalar(subject.Path, "SELECT id FROM orders")));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await subject.Open(clock).MigrateAsync(default);
        Execute("UPDATE offpeak_schema SET version = 99");
        var refused = await Assert.ThrowsAsync<OffpeakException>(() => subject.Open(clock).MigrateAsync(default));
        Assert.Equal(OffpeakErrorCode.Database, refused.Code);
        Assert.Contains("newer version", refused.Message);
        Assert.EndsWith(".", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task A_new_file_is_its_owners_alone_and_what_is_no_database_is_refused()
    {
        await subject.Open(clock).MigrateAsync(default);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(subject.Path)!))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await using var broken = new SqliteSubject();
        await File.WriteAllTextAsync(broken.Path, string.Concat(Enumerable.Repeat("This is text. ", 1000)));
        var refused = await Assert.ThrowsAsync<OffpeakException>(() => broken.Open(clock).MigrateAsync(default));
        Assert.Equal((OffpeakErrorCode.Database, $"{broken.Path} is not a database."), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_processes_may_migrate_at_once(bool fromFirstEdition)
    {
        if (fromFirstEdition)
            Record(2);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => subject.Open(clock).MigrateAsync(default))));
        Assert.Equal(fromFirstEdition ? 4 : 0, (await subject.Open(clock).ListBatchesAsync(new BatchQuery(), default)).Count);
    }

    public ValueTask DisposeAsync() => subject.DisposeAsync();

    private async Task<IOffpeakStore> UpgradeAsync(int version, string more = "")
    {
        Record(version);
        Execute(more);
        var store = subject.Open(clock);
        await store.MigrateAsync(default);
        return store;
    }

    private static async Task<ShardRow> OneAsync(IOffpeakStore store, long batchId) => Assert.Single(await store.ListShardsAsync(batchId, default));

    private void Record(int version)
    {
        Execute(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Stores", "recorded-0.1.sql")));
        if (version == 2)
            return;

        // The columns that its second version added.
        foreach (var (table, columns) in (ReadOnlySpan<(string, string)>)
        [
            ("offpeak_entry_requests", "fallback_body next_body"),
            ("offpeak_entries", "answer_retries continuation output_raised turn validates_answer"),
            ("offpeak_batches", "canary fallback_after fallback_model fallback_since max_answer_retries max_turns validates_answers"),
        ])
        {
            foreach (var column in columns.Split(' '))
                Execute($"ALTER TABLE {table} DROP COLUMN {column}");
        }

        Execute("PRAGMA user_version = 1");
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={subject.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static object? Schema(string path) => Scalar(
        path,
        """
        SELECT group_concat(line, char(10)) FROM (
            SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk AS line
                FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name LIKE 'offpeak%'
            UNION ALL SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
            ORDER BY 1)
        """);
}
