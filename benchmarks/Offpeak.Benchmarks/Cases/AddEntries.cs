using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

internal sealed class AddEntries : IBenchmark
{
    public string Name => "add";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        var template = new Template(scratch, "add");
        await using (var engine = await Engine.OpenAsync(template.Path, [new MemoryProvider()]))
            await engine.Client.CreateAsync(new NewBatch($"memory/{Texts.Model}"));

        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            await using (var engine = await Engine.OpenAsync(copy, [new MemoryProvider()]))
                await rounds.EngineAsync(() => engine.AddBatchAsync("memory", scale.Entries));
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => raw.InsertEntries(scale.Entries, perTransaction: 1_000));
            Template.Drop(copy);
        }

        yield return rounds.Rate($"{scale.Entries:N0} entries of 2 KB added, synchronous=FULL", scale.Entries, ratioBar: 0.9);
    }
}
