using System.Diagnostics;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;

namespace Offpeak.Benchmarks.Cases;

/// <summary>
/// A file of requests to a file of answers, as <c>offpeak run</c> does it, against an emulator in another process. The time the emulator
/// takes to answer counts in neither direction.
/// </summary>
internal sealed class EndToEnd : IBenchmark
{
    public string Name => "end-to-end";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        await using var emulator = await EmulatorProcess.StartAsync();
        var input = scratch.File("input.jsonl");
        await File.WriteAllLinesAsync(input, Enumerable.Range(0, scale.Entries).Select(Line));
        List<(double In, double Out)> rounds = [];
        for (var round = 0; round < scale.Rounds; round++)
            rounds.Add(await RunOnceAsync(scratch.File($"run-{round}.db"), input, scratch.File($"output-{round}.jsonl"), emulator.Root));
        yield return Rate("file to accepted: check, add, seal, upload, create", scale.Entries, rounds.Select(round => round.In));
        yield return Rate("ended to file: poll, download, ingest, finish, write", scale.Entries, rounds.Select(round => round.Out));
    }

    private static Figure Rate(string what, int count, IEnumerable<double> seconds) => new(what, Unit.PerSecond, count / Figure.Median(seconds));

    private static async Task<(double In, double Out)> RunOnceAsync(string path, string input, string output, string root)
    {
        await using var engine = await Engine.OpenAsync(path, emulator: root);
        var watch = Stopwatch.StartNew();
        var batchId = await AddFileAsync(engine, input);
        await engine.SubmitAsync(batchId);
        var seconds = watch.Elapsed.TotalSeconds;
        await engine.AwaitProviderAsync(batchId);
        watch.Restart();
        await engine.PollAsync(batchId);
        await ResultsFile.WriteAsync(engine.Client, batchId, output, ResultsFormat.Jsonl, new Cli.Database(path, IsNamed: false), CancellationToken.None);
        return (seconds, watch.Elapsed.TotalSeconds);
    }

    private static async Task<long> AddFileAsync(Engine engine, string input)
    {
        await using var file = await RunInput.OpenAsync(input);
        var batch = await engine.Client.CreateAsync(new NewBatch($"openai/{file.Model}"));
        await engine.Client.AddEntriesAsync(batch.Id, file.ReadAsync().Select(entry => NewEntry.FromBody(entry.CustomId, ((RawBodyEntry)entry).Body)));
        return batch.Id;
    }

    private static string Line(int i) =>
        $$"""{"custom_id":"row-{{i:D6}}","method":"POST","url":"/v1/responses","body":{{System.Text.Encoding.UTF8.GetString(Texts.Requests[i % Texts.Requests.Length])}}}""";
}
