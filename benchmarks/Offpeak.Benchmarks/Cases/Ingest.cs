using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>From the poll that finds the provider batch ended to the finished batch; the results are parsed already.</summary>
internal sealed class Ingest : IBenchmark
{
    public const double Bar = 15_000;

    public string Name => "ingest";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        var template = new Template(scratch, "ingest");
        long batchId;
        await using (var engine = await Engine.OpenAsync(template.Path, new MemoryProvider()))
            await engine.SubmitAsync(batchId = await engine.AddBatchAsync("memory", scale.Entries));

        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            await using (var engine = await Engine.OpenAsync(copy, new MemoryProvider()))
                await rounds.EngineAsync(() => engine.PollAsync(batchId));
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => raw.ApplyResults(scale.Entries, perTransaction: 500));
            Template.Drop(copy);
        }

        yield return rounds.Rate($"{scale.Entries:N0} results of 1-2 KB ingested, parsed before", scale.Entries, Bar);
    }
}
