using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Testing;

namespace Offpeak.Anthropic.Tests;

/// <summary>The real engine on a SQLite file with this provider, against the emulator.</summary>
public sealed class EngineTests : IAsyncLifetime
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"offpeak-anthropic-{Guid.NewGuid():N}.db");
    private EmulatorServer emulator = null!;
    private ServiceProvider services = null!;

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(new EmulatorOptions
        {
            BatchDuration = TimeSpan.FromMilliseconds(300),
            Providers = [new EmulatedAnthropic { PollAfter = TimeSpan.Zero }],
        });
        services = Build();
        await services.GetRequiredService<DatabaseSetup>().RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await emulator.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"))
            File.Delete(file);
    }

    [Fact]
    public async Task A_batch_is_answered_and_deleted_at_the_provider()
    {
        var (batch, entries) = await RunAsync(25);
        Assert.Equal((BatchStatus.Completed, 25), (batch.Status, batch.SucceededCount));
        Assert.All(entries, entry => Assert.Contains($"Question {entry.CustomId}", entry.Text, StringComparison.OrdinalIgnoreCase));
        Assert.All(entries, entry => Assert.Equal(ChatFinishReason.Stop, entry.ToChatResponse().FinishReason));
        Assert.Equal(1, emulator.CreateCalls);
        Assert.Contains(emulator.Requests, request => request.Operation == EmulatorOperation.DeleteBatch);
    }

    [Fact]
    public async Task A_lost_reply_is_waited_out_and_costs_no_second_create()
    {
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        var (batch, entries) = await RunAsync(5);
        Assert.Equal((BatchStatus.Completed, 5), (batch.Status, batch.SucceededCount));
        Assert.Equal(1, emulator.CreateCalls);
        Assert.Equal(emulator.Batches[0].Id, Assert.Single((await Client.GetAsync(batch.Id)).Shards).ProviderBatchId);
    }

    [Fact]
    public async Task A_lost_reply_among_equal_batches_adopts_the_right_one()
    {
        await RunAsync(5);
        emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch) with { Nth = 2 });
        var runs = await Task.WhenAll(RunAsync(5), RunAsync(5), RunAsync(5));
        Assert.All(runs, run => Assert.Equal((BatchStatus.Completed, 5), (run.Batch.Status, run.Batch.SucceededCount)));
        Assert.Equal(4, emulator.CreateCalls);
    }

    [Fact]
    public async Task What_failed_for_a_passing_reason_is_asked_again()
    {
        emulator.Faults.Add(
            Fault.AnswerLine(529, count: 2), Fault.FailLine("batch_expired") with { Every = 5 }, Fault.Lines(FaultAction.OmitLine) with { Every = 4 });
        var (batch, _) = await RunAsync(10);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.SucceededCount));
        Assert.Equal([10, 6], emulator.Batches.Select(made => made.EntryCount));
    }

    [Fact]
    public async Task What_expired_is_asked_again_and_what_was_answered_is_kept()
    {
        emulator.Faults.Add(Fault.EndBatch("expired", 0.4));
        var (batch, _) = await RunAsync(10);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.SucceededCount));
        Assert.Equal([10, 6], emulator.Batches.Select(made => made.EntryCount));
    }

    private BatchClient Client => services.GetRequiredService<BatchClient>();

    private ServiceProvider Build() => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddOffpeak(offpeak =>
        {
            offpeak.UseSqlite(path)
                .AddAnthropic(options => (options.BaseUrl, options.ApiKey) = (emulator.AnthropicBaseUrl.ToString(), "emulator"))
                .Configure(options => options.PollSchedule = PollSchedule.Parse("50ms"))
                .RunWorkers(false).RunSweeps(false);
        })
        .BuildServiceProvider();

    private async Task<(BatchInfo Batch, List<EntryOutcome> Entries)> RunAsync(int count)
    {
        var made = await Client.CreateAsync(new NewBatch("anthropic/claude-haiku-4-5"));
        await Client.AddEntriesAsync(made.Id, Enumerable.Range(1, count).Select(i => NewEntry.FromPrompt($"e{i}", $"Question e{i}")));
        await Client.SubmitAsync(made.Id);
        var batch = await Client.RunToEndAsync(made.Id);
        return (batch, await Client.ReadEntriesAsync(made.Id).ToListAsync());
    }
}
