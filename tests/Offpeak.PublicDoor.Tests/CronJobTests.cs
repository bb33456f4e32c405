using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Testing;

namespace Offpeak.PublicDoor.Tests;

/// <summary>The cron job of docs/operations.md as cron starts it: a process with a folder and an environment, and nothing else.</summary>
public sealed class CronJobTests : IAsyncLifetime
{
    private const int MostTicks = 100;

    // Built as this project is: bin/Release/net10.0 of the one is that of the other.
    private static readonly string Program = Path.Combine(
        DocumentTests.Root,
        "samples",
        "CronJob",
        Path.GetRelativePath(Path.Combine(DocumentTests.Root, "tests", "Offpeak.PublicDoor.Tests"), AppContext.BaseDirectory),
        "CronJob.dll");

    private readonly string folder = Directory.CreateTempSubdirectory("offpeak-cron-").FullName;
    private readonly Dictionary<string, string?> variables = new() { ["OPENAI_API_KEY"] = "sk-cron", ["Offpeak__PollSchedule"] = "50ms" };
    private EmulatorServer emulator = null!;
    private ServiceProvider services = null!;

    private BatchClient Client => services.GetRequiredService<BatchClient>();

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(new EmulatorOptions
        {
            ValidatingDuration = TimeSpan.FromMilliseconds(50),
            BatchDuration = TimeSpan.FromMilliseconds(200),
            FinalizingDuration = TimeSpan.FromMilliseconds(50),
        });
        variables["OPENAI_BASE_URL"] = emulator.OpenAIBaseUrl.ToString();
        services = new ServiceCollection()
            .AddOffpeak(offpeak => offpeak.UseSqlite(Path.Combine(folder, "offpeak.db")).AddOpenAI().RunWorkers(false).RunSweeps(false))
            .BuildServiceProvider();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await emulator.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task It_takes_a_batch_to_its_end_with_the_key_and_the_pace_of_the_environment()
    {
        var batch = await SubmitAsync();

        for (var tick = 1; !(await Client.GetAsync(batch.Id)).Batch.IsTerminal; tick++)
        {
            Assert.True(tick < MostTicks, "The batch is not at its end.");
            var (exitCode, said) = await TickAsync();
            Assert.True(exitCode == 0, said);
        }

        Assert.Equal(BatchStatus.Completed, (await Client.GetAsync(batch.Id)).Batch.Status);
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_stops_it_with_the_one_that_was_meant()
    {
        variables["Offpeak__PollShedule"] = "1s";

        var (exitCode, said) = await TickAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Offpeak:PollShedule is no setting; did you mean PollSchedule?", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_is_told_and_is_an_exit_code()
    {
        variables["OPENAI_API_KEY"] = null;
        await SubmitAsync();

        var (exitCode, said) = await TickAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("shards paused: 1", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_nobody_has_is_told_and_is_an_exit_code()
    {
        var batch = await SubmitAsync(handler: "nobodys");
        var (exitCode, said) = (0, "");

        for (var tick = 1; exitCode == 0; tick++)
        {
            Assert.True(tick < MostTicks, said);
            (exitCode, said) = await TickAsync();
        }

        Assert.Equal(BatchStatus.Completed, (await Client.GetAsync(batch.Id)).Batch.Status);
        Assert.Contains("handlers failed: 1", said, StringComparison.Ordinal);
    }

    private async Task<BatchInfo> SubmitAsync(string? handler = null)
    {
        var batch = await Client.CreateAsync(new NewBatch("openai/gpt-5-nano") { Handler = handler });
        await Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("a", "Say one."), NewEntry.FromPrompt("b", "Say two.")]);
        await Client.SubmitAsync(batch.Id);
        return batch;
    }

    private async Task<(int ExitCode, string Said)> TickAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Program])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;

        // A stopped start is an exception here; a dump of it is of no use.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }
}
