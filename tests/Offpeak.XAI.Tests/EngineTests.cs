using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Batches;
using Offpeak.Testing;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

/// <summary>The whole engine with this provider: what was interrupted goes on, in one batch, every entry is answered once, and what is paid is kept.</summary>
public sealed class EngineTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("offpeak-xai-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EmulatorServer emulator = null!;
    private ServiceProvider services = null!;

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(new EmulatorOptions
        {
            TimeProvider = time,
            ApiKey = XAIBench.Key,
            Providers = [new EmulatedXAI { Duplicates = DuplicateRequests.Refuse }],
        });
        var collection = new ServiceCollection();
        collection.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        collection.AddLogging();
        collection.AddSingleton<TimeProvider>(time);
        collection.AddOffpeak(offpeak => offpeak.UseSqlite(Path.Combine(folder, "offpeak.db")).AddXAI(options =>
        {
            (options.ApiKey, options.BaseUrl, options.MaxAppendEntries) = (XAIBench.Key, emulator.XAIBaseUrl.ToString(), 5);
        }).RunWorkers(false).RunSweeps(false));
        services = collection.BuildServiceProvider();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await emulator.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(EmulatorOperation.CreateBatch, 1)]
    [InlineData(EmulatorOperation.AppendRequests, 1)]
    [InlineData(EmulatorOperation.AppendRequests, 2)]
    [InlineData(EmulatorOperation.AppendRequests, 4)]
    public async Task A_reply_lost_at_any_call_costs_no_entry_and_no_second_batch(EmulatorOperation? operation, int nth)
    {
        if (operation is { } lost)
            emulator.Faults.Add(Fault.DropAfterCommit(lost) with { Nth = nth });
        var id = await SubmitAsync(18);
        await DriveAsync(id);

        var batch = (await Client.FindAsync(id))!;
        Assert.Equal((BatchStatus.Completed, 18), (batch.Status, batch.SucceededCount));
        Assert.Single(emulator.Batches);
        Assert.Equal(18, emulator.Batches[0].EntryCount);
        Assert.True(await Client.ReadEntriesAsync(id).AllAsync(entry => entry.Cost > 0));
    }

    [Fact]
    public async Task Results_that_came_before_a_cancel_are_kept_and_only_the_rest_is_sent_again()
    {
        emulator.Faults.Add(Fault.EndBatch("cancelled", 0.5));
        var id = await SubmitAsync(10);
        await DriveAsync(id);
        Assert.Equal(10, (await Client.FindAsync(id))!.SucceededCount);
        Assert.Equal([10, 5], emulator.Batches.Select(batch => batch.EntryCount));
    }

    [Fact]
    public async Task Answers_that_came_before_xai_stopped_a_batch_for_want_of_room_are_kept_and_not_asked_again()
    {
        emulator.Faults.Add(Fault.EndBatch("failed", 0.5) with { Message = "The service is at capacity." });
        var id = await SubmitAsync(10);
        await DriveAsync(id);
        Assert.Equal(10, (await Client.FindAsync(id))!.SucceededCount);
        Assert.Equal([10, 5], emulator.Batches.Select(batch => batch.EntryCount));
    }

    [Fact]
    public async Task Answers_to_what_was_added_before_a_refused_append_are_kept()
    {
        // Between the first append and the refused one lie some minutes of trouble, in which xAI answers what it has.
        emulator.Faults.Add(
            Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 },
            Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 3 },
            Fault.Respond(EmulatorOperation.AppendRequests, 400) with { Nth = 4 });
        var id = await SubmitAsync(10);
        await DriveAsync(id);
        Assert.Equal(5, emulator.Batches.Single().EntryCount);
        Assert.InRange((await Client.FindAsync(id))!.SucceededCount, 1, 5);
    }

    private BatchClient Client => services.GetRequiredService<BatchClient>();

    private async Task<long> SubmitAsync(int entries)
    {
        var batch = await Client.CreateAsync(new NewBatch("xai/grok-test"));
        await Client.AddEntriesAsync(batch.Id, Enumerable.Range(1, entries).Select(i => NewEntry.FromPrompt($"e{i}", $"Question {i}")));
        await Client.SubmitAsync(batch.Id);
        return batch.Id;
    }

    private async Task DriveAsync(long id)
    {
        for (var minute = 0; minute < 240 && (await Client.FindAsync(id))!.Status == BatchStatus.Running; minute++)
        {
            await services.GetRequiredService<Maintenance>().TickAsync();
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
