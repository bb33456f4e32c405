using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Sweeps;

namespace Offpeak.Benchmarks.Cases;

/// <summary>A sweep over many batches of which a tenth has lost its poll chain.</summary>
internal sealed class Resume : IBenchmark
{
    public string Name => "resume";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        var total = scale.Quick ? 2_000 : 100_000;
        using var scratch = new Scratch();
        var template = new Template(scratch, "resume");
        await using (await Engine.OpenAsync(template.Path, new MemoryProvider()))
        {
        }

        using (var raw = new RawSqlite(template.Path))
            raw.Execute(BatchRows.Stalled(total));
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            await using (var engine = await Engine.OpenAsync(copy, new MemoryProvider()))
                await rounds.EngineAsync(() => SweepAsync(engine, total / 10));
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => Check(raw.ResumeDue(BatchRows.Cutoff), total / 10));
            Template.Drop(copy);
        }

        yield return rounds.Seconds($"resume sweep, {total / 10:N0} stalled of {total:N0} batches", bar: 2);
    }

    private static async Task SweepAsync(Engine engine, int expected) =>
        Check((await engine.Get<ResumeStalledPolls>().RunOnceAsync()).Acted, expected);

    private static void Check(int found, int expected)
    {
        if (found != expected)
            throw new InvalidOperationException($"Found {found} stalled batches instead of {expected}.");
    }
}
