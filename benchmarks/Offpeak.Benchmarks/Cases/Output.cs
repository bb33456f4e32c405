using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Cli.Output;

namespace Offpeak.Benchmarks.Cases;

/// <summary>A finished batch to its output file.</summary>
internal sealed class Output : IBenchmark
{
    public string Name => "output";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        var path = scratch.File("output.db");
        await using var engine = await Engine.OpenAsync(path, new MemoryProvider());
        var batchId = await engine.AddBatchAsync("memory", scale.Entries);
        await engine.SubmitAsync(batchId);
        await engine.PollAsync(batchId);
        using var raw = new RawSqlite(path);
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            await rounds.EngineAsync(() => ResultsFile.WriteAsync(engine.Client, batchId, scratch.File("output.jsonl"), ResultsFormat.Jsonl, new Cli.Database(path, IsNamed: false), CancellationToken.None));
            await rounds.RawAsync(() =>
            {
                using var file = new FileStream(scratch.File("raw.jsonl"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
                raw.CopyResults(file);
                file.Flush(flushToDisk: true);
            });
        }

        yield return rounds.Rate($"{scale.Entries:N0} results written to the output file", scale.Entries);
    }
}
