using System.Globalization;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>
/// Working set over the idle process, in a process that does nothing else. Idle is a host that has seen a small batch through to its end: what
/// loading and compiling the code takes does not depend on how much goes through it. Over a process that has done nothing at all is shown beside it.
/// </summary>
internal sealed class Memory : IBenchmark
{
    private const double Bar = 100;
    private const int Small = 2_000;
    private const int Large = 5_000_000;
    private const int Middle = 40_000;
    private const int Few = 10;

    public string Name => "memory";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        foreach (var provider in (string[])["openai", "anthropic", "gemini", "xai"])
        {
            await using var emulator = await EmulatorProcess.StartAsync();
            foreach (var figure in await MeasureAsync($"{provider}: {scale.Entries:N0} of 2 KB", provider, scale.Entries, Small, emulator))
                yield return figure;
        }

        await using (var flood = await EmulatorProcess.StartFloodAsync(scale.Quick ? Small : Large))
        {
            foreach (var figure in await MeasureAsync("openai: 120 of 5 MB, answers of 5 MB", "openai", 120, scale.Quick ? Small : Large, flood))
                yield return figure;
        }

        if (!scale.Heavy)
            yield break;

        await using (var emulator = await EmulatorProcess.StartAsync())
        {
            foreach (var figure in await MeasureAsync($"openai: {scale.Most:N0} of 2 KB", "openai", scale.Most, Small, emulator))
                yield return figure;
        }

        await using (var flood = await EmulatorProcess.StartFloodAsync(scale.Quick ? Small : Middle))
        {
            foreach (var figure in await MeasureAsync($"openai: {scale.Entries:N0} of 2 KB, result file of 2 GB", "openai", scale.Entries, Small, flood))
                yield return figure;

            foreach (var figure in await MeasureAsync($"openai: {scale.Entries:N0} of 40 KB, 2 GB in, 2 GB out", "openai", scale.Entries, scale.Quick ? Small : Middle, flood))
                yield return figure;
        }
    }

    /// <summary>What the process does. Prints the megabytes over idle of the submit and of the ingest, then both over the fresh process.</summary>
    public static async Task<int> RunProcessAsync(string provider, int entries, int bytes, string root)
    {
        using var scratch = new Scratch();
        await using var engine = await Engine.OpenAsync(scratch.File("memory.db"), emulator: root);
        var fresh = WorkingSet.AfterCollection();
        await engine.FinishAsync(await SubmitAsync(Few));
        var idle = WorkingSet.AfterCollection();
        long batchId = 0;
        var submitted = await WorkingSet.PeakAsync(async () => batchId = await SubmitAsync(entries));
        WorkingSet.AfterCollection();
        var ingested = await WorkingSet.PeakAsync(() => engine.FinishAsync(batchId));
        foreach (var over in (long[])[submitted - idle, ingested - idle, submitted - fresh, ingested - fresh])
            Console.WriteLine((over / 1e6).ToString(CultureInfo.InvariantCulture));

        return 0;

        async Task<long> SubmitAsync(int count)
        {
            var id = await AddAsync(engine, provider, count, count == Few ? Small : bytes);
            await engine.SubmitAsync(id);
            await engine.AwaitProviderAsync(id);
            return id;
        }
    }

    // One body for all: making them would be the benchmark's own garbage.
    private static Task<long> AddAsync(Engine engine, string provider, int entries, int bytes)
    {
        if (bytes == Small)
            return engine.AddPromptsAsync(provider, entries);

        var body = Texts.RequestOf(bytes);
        GC.Collect();
        return engine.AddBatchAsync(new NewBatch($"{provider}/{Texts.Model}"), Enumerable.Range(0, entries).Select(i => NewEntry.FromBody($"row-{i:D7}", body)));
    }

    private static async Task<Figure[]> MeasureAsync(string what, string provider, int entries, int bytes, EmulatorProcess server)
    {
        var numbers = await OwnProcess.RunAsync("--memory", provider, $"{entries}", $"{bytes}", server.Root);
        return
        [
            new($"{what}: submitted, over idle", Unit.Megabytes, numbers[0]) { Bar = Bar },
            new($"{what}: ingested, over idle", Unit.Megabytes, numbers[1]) { Bar = Bar },
            new($"{what}: submitted, over a process that has done nothing", Unit.Megabytes, numbers[2]),
            new($"{what}: ingested, over a process that has done nothing", Unit.Megabytes, numbers[3]),
        ];
    }
}
