using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Gemini.Tests.Support;
using Offpeak.Policies;
using Offpeak.Testing;

namespace Offpeak.Gemini.Tests;

/// <summary>Whole batches through the engine, SQLite and the emulator.</summary>
public sealed class EngineTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("offpeak-gemini-");
    private EmulatorServer emulator = null!;

    public async ValueTask InitializeAsync() => emulator = await EmulatorServer.StartAsync(new EmulatorOptions
    {
        ValidatingDuration = TimeSpan.Zero,
        BatchDuration = TimeSpan.FromMilliseconds(50),
        FinalizingDuration = TimeSpan.Zero,
        CancellingDuration = TimeSpan.Zero,
    });

    public async ValueTask DisposeAsync()
    {
        await emulator.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passing_item_errors_are_asked_again_in_a_batch_that_succeeded(bool file)
    {
        emulator.Faults.Add(Fault.FailLine("DEADLINE_EXCEEDED", count: 4));
        var (batch, outcomes) = await RunAsync(file);
        Assert.Equal((BatchStatus.Completed, 2), (batch.Status, emulator.CreateCalls));
        Assert.All(outcomes, outcome => Assert.Equal(EntryStatus.Succeeded, outcome.Status));
        Assert.All(outcomes, outcome => Assert.Contains(outcome.CustomId, outcome.Text));
        Assert.Empty(emulator.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_that_expired_without_results_is_asked_again_whole(bool file)
    {
        emulator.Faults.Add(Fault.EndBatch("expired", 0.5));
        var (batch, outcomes) = await RunAsync(file);
        Assert.Equal((BatchStatus.Completed, 2), (batch.Status, emulator.CreateCalls));
        Assert.All(outcomes, outcome => Assert.Equal(EntryStatus.Succeeded, outcome.Status));
    }

    [Fact]
    public async Task A_full_queue_only_makes_the_shard_wait()
    {
        emulator.Faults.Add(Fault.Respond(EmulatorOperation.CreateBatch, 429));
        var (batch, outcomes) = await RunAsync(file: true);
        Assert.Equal((BatchStatus.Completed, 2), (batch.Status, emulator.CreateCalls));
        Assert.All(outcomes, outcome => Assert.Equal(EntryStatus.Succeeded, outcome.Status));
        Assert.Equal(2, emulator.Requests.Count(request => request.Operation == EmulatorOperation.UploadFile));
    }

    private async Task<(BatchInfo Batch, List<EntryOutcome> Outcomes)> RunAsync(bool file)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddOffpeak(offpeak =>
        {
            offpeak.RunWorkers(false).RunSweeps(false);
            offpeak.UseSqlite(Path.Combine(folder.FullName, "test.db"));
            offpeak.AddGemini(options =>
            {
                (options.ApiKey, options.BaseUrl) = (Make.Key, emulator.GeminiBaseUrl.ToString());
                options.InlineLimitBytes = file ? 0 : options.InlineLimitBytes;
            });
            offpeak.Configure(options => options.PollSchedule = new PollSchedule(TimeSpan.FromMilliseconds(100)));
        });
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<DatabaseSetup>().RunAsync(default);
        var client = provider.GetRequiredService<BatchClient>();
        var batch = await client.CreateAsync(new NewBatch("gemini/gemini-2.5-flash"));
        await client.AddEntriesAsync(batch.Id, Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e-{i}", $"e-{i} where is my parcel?")));
        await client.SubmitAsync(batch.Id);
        batch = await client.RunToEndAsync(batch.Id);
        return (batch, await client.ReadEntriesAsync(batch.Id).ToListAsync());
    }
}
