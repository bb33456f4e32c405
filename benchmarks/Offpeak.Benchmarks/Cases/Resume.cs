using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>A sweep over many shards of which some have lost their poll chain, and over handlers that nobody has registered.</summary>
internal sealed class Resume : IBenchmark
{
    public string Name => "resume";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        yield return await MeasureAsync(scale.Quick ? 2_000 : 100_000, oneIn: 10, bar: 0.15, scale);
        if (!scale.Quick)
            yield return await MeasureAsync(1_000_000, oneIn: 1_000, bar: 0.2, scale);

        var few = await CountVerbsAsync(20);
        yield return new Figure("verbs of a sweep, 2,000 due handlers not registered (raw: 20)", Unit.Count, await CountVerbsAsync(2_000)) { Baseline = few, RatioBar = 1 };
    }

    private static async Task<Figure> MeasureAsync(int total, int oneIn, double bar, Scale scale)
    {
        using var scratch = new Scratch();
        var template = new Template(scratch, "resume");
        await using (await Engine.OpenAsync(template.Path, [new MemoryProvider()]))
        {
        }

        using (var raw = new RawSqlite(template.Path))
            raw.Execute(Stalled.Polls(total, oneIn));

        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            var copy = template.Copy();
            var verbs = new VerbTimes();
            await using (var engine = await Engine.OpenAsync(copy, [new MemoryProvider()], verbs: verbs))
                await rounds.EngineAsync(() => SweepAsync(engine, total / oneIn));

            verbs.Print();
            Template.Drop(copy);
            copy = template.Copy();
            using (var raw = new RawSqlite(copy))
                await rounds.RawAsync(() => Check(raw.ResumeDue(Stalled.Cutoff), total / oneIn));

            Template.Drop(copy);
        }

        return rounds.Seconds($"resume sweep, {total / oneIn:N0} stalled of {total:N0} shards", bar);
    }

    private static async Task<int> CountVerbsAsync(int due)
    {
        using var scratch = new Scratch();
        var verbs = new VerbTimes();
        await using var engine = await Engine.OpenAsync(scratch.File("handlers.db"), [new MemoryProvider()], verbs: verbs);
        using (var raw = new RawSqlite(scratch.File("handlers.db")))
            raw.Execute(Stalled.Dispatches(due));

        verbs.Reset();
        await engine.Maintenance.RunAsync(SweepName.ResumeStalledPolls);
        return verbs.Count;
    }

    private static async Task SweepAsync(Engine engine, int expected) =>
        Check((await engine.Maintenance.RunAsync(SweepName.ResumeStalledPolls)).Acted, expected);

    private static void Check(int found, int expected)
    {
        if (found != expected)
            throw new InvalidOperationException($"Found {found} stalled shards instead of {expected}.");
    }
}
