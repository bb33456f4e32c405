using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>The same from the wire: the OpenAI provider downloads from an emulator in another process and parses.</summary>
internal sealed class IngestOverHttp : IBenchmark
{
    public string Name => "ingest-http";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        await using var emulator = await EmulatorProcess.StartAsync();
        var template = new Template(scratch, "http");
        long batchId;
        await using (var engine = await Engine.OpenAsync(template.Path, emulator: emulator.Root))
        {
            await engine.SubmitAsync(batchId = await engine.AddBatchAsync("openai", scale.Entries));
            await engine.AwaitProviderAsync(batchId);
        }

        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            await using (var engine = await Engine.OpenAsync(copy, emulator: emulator.Root))
                await rounds.EngineAsync(() => engine.FinishAsync(batchId));
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => raw.ApplyResults(scale.Entries, perTransaction: 500));
            Template.Drop(copy);
        }

        yield return rounds.Rate($"{scale.Entries:N0} results downloaded, parsed and ingested", scale.Entries);
    }
}
