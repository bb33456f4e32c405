using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Providers;

namespace Offpeak.Benchmarks.Cases;

/// <summary>From the poll that finds the provider batch ended to the finished batch; the results are parsed already.</summary>
internal sealed class Ingest : IBenchmark
{
    public string Name => "ingest";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        var template = new Template(scratch, "ingest");
        IBatchProvider[] provider = [new MemoryProvider()];
        long batchId;
        await using (var engine = await Engine.OpenAsync(template.Path, provider))
            await engine.SubmitAsync(batchId = await engine.AddBatchAsync("memory", scale.Entries));

        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            await using (var engine = await Engine.OpenAsync(copy, provider))
                await rounds.EngineAsync(() => engine.FinishAsync(batchId));
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => raw.ApplyResults(scale.Entries, perTransaction: 500));
            Template.Drop(copy);
        }

        yield return rounds.Rate($"{scale.Entries:N0} results of 1-2 KB ingested, parsed before", scale.Entries, ratioBar: 0.8);
    }
}
