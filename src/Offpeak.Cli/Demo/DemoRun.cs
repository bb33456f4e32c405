using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Output;
using Offpeak.Testing;
using Spectre.Console;

namespace Offpeak.Cli.Demo;

/// <summary>
/// The demo: an emulator in this process, a worker in another. The reply to the create call is lost, the worker is killed in the middle, and
/// a second worker finds everything where it was.
/// </summary>
internal sealed class DemoRun(string folder)
{
    private const string Prompt = "{{summary}}\n\n{{description}}\n\nWhich category fits the Debian package {{id}}? Summarise it in one sentence.";
    private const double KillAt = 0.4;

    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly Database database = new(Path.Combine(folder, "demo.db"), IsNamed: true);
    private readonly string results = Path.Combine(folder, "demo.results.jsonl");

    public async Task<int> RunAsync(CancellationToken ct)
    {
        Prepare();
        await using var emulator = await EmulatorServer.StartAsync(
            new EmulatorOptions
            {
                BatchDuration = TimeSpan.FromSeconds(6),
                Faults = [Fault.DropAfterCommit(EmulatorOperation.CreateBatch)],
            },
            ct);
        LiveTerminal.Say("[grey]An emulator of the provider's Batch API runs on[/] " + emulator.BaseAddress);
        using var worker = new DemoWorker(RunArguments(), emulator);
        await using var services = await CliServices.OpenAsync(database, ct);
        var client = services.GetRequiredService<BatchClient>();

        worker.Start();
        var batch = await WatchAsync(client, worker, emulator, ct);
        await worker.WaitAsync(ct);
        await SummariseAsync(client, batch, emulator, ct);
        return ExitCodes.Of(batch);
    }

    private void Prepare()
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in database.Files.Append(results))
                File.Delete(file);
            File.Create(results).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"The demo cannot write its files to {folder}; name another folder with --folder.", error);
        }
    }

    private string[] RunArguments() =>
    [
        "run", Path.Combine(Samples, "debian-packages.jsonl"), "--model", "openai/gpt-5-nano", "--prompt", Prompt,
        "--schema", Path.Combine(Samples, "category.schema.json"), "--db", database.Location, "--output", results, "--poll", "300ms", "--name", "Debian packages",
    ];

    private static Task<BatchInfo> WatchAsync(BatchClient client, DemoWorker worker, EmulatorServer emulator, CancellationToken ct) =>
        LiveTerminal.ShowBarAsync("Adding entries", async bar =>
        {
            var story = new DemoStory(worker, emulator, KillAt);
            while (true)
            {
                worker.ThrowIfFailed();
                if (await client.FindAsync(1, ct) is { } batch)
                {
                    var progress = story.Tell(await client.GetAsync(batch.Id, ct));
                    bar.Description = progress.Stage;
                    bar.MaxValue = Math.Max(1, batch.EntryCount);
                    bar.Value = progress.Done;
                    if (batch.IsTerminal)
                        return batch;
                }

                await Task.Delay(Glance, TimeProvider.System, ct);
            }
        });

    private async Task SummariseAsync(BatchClient client, BatchInfo batch, EmulatorServer emulator, CancellationToken ct)
    {
        LiveTerminal.Say("");
        var table = new Table().Border(TableBorder.Rounded).Title("Three of the answers").AddColumn("Package").AddColumn("Category").AddColumn("Summary");
        var shown = 0;
        await foreach (var entry in client.ReadEntriesAsync(batch.Id, ct))
        {
            using var answer = JsonDocument.Parse(entry.Text ?? "{}");
            table.AddRow(LiveTerminal.Escape(entry.CustomId), Field(answer, "category"), Field(answer, "summary"));
            if (++shown == 3)
                break;
        }

        LiveTerminal.Write(table);
        LiveTerminal.Say($"[green]{batch.SucceededCount:N0} of {batch.EntryCount:N0}[/] entries succeeded, each applied once, for "
            + $"[green]{Dollars.Text(batch.Cost)}[/]: half the list price, on the emulator's token counts.");
        LiveTerminal.Say($"One lost reply, one killed worker, and the provider holds [green]{emulator.Batches.Count}[/] batch for it.");
        LiveTerminal.Say($"Results  {results}\nDatabase {database.Location}   look with: {database.Suggest("show 1")}");
    }

    private static string Field(JsonDocument answer, string name) =>
        LiveTerminal.Escape(answer.RootElement.TryGetProperty(name, out var value) ? value.ToString() : "");
}
