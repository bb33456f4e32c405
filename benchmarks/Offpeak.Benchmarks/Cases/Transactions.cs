using Offpeak.Batches;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;

namespace Offpeak.Benchmarks.Cases;

/// <summary>The longest verb of the store in each part of a batch's life: no transaction is longer.</summary>
internal sealed class Transactions : IBenchmark
{
    public string Name => "transactions";

    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        var entries = scale.Heavy ? scale.Most : scale.Entries;
        using var scratch = new Scratch();
        var verbs = new VerbTimes();
        var (first, second) = (new MemoryProvider { AnswersOneIn = null }, new MemoryProvider("backup") { AnswersOneIn = 2 });
        await using var engine = await Engine.OpenAsync(scratch.File("life.db"), [first, second], verbs: verbs, configure: OneAtATime);
        var client = engine.Client;
        long id = 0;
        yield return await MeasureAsync("create and add", async () => id = await engine.AddPromptsAsync("memory", entries, $"backup/{Texts.Model}"));
        yield return await MeasureAsync("submit: plan", () => client.SubmitAsync(id));
        yield return await MeasureAsync("accept", () => client.RunUntilAcceptedAsync(id));
        yield return await MeasureAsync("close without answers, fall back, accept, ingest, finish", () => client.RunToEndAsync(id));
        yield return await MeasureAsync("look and read everything", () => ReadAsync(client, id, entries));
        second.NeverEnds = true;
        yield return await MeasureAsync("retry: reopen, plan, accept", async () =>
        {
            await client.RetryAsync(id);
            await client.RunUntilAcceptedAsync(id);
        });
        yield return await MeasureAsync("every sweep", () => engine.Maintenance.TickAsync());
        yield return await MeasureAsync("cancel", async () =>
        {
            await client.CancelAsync(id);
            await client.RunToEndAsync(id);
        });
        yield return await MeasureAsync("cancel while building", () => CancelBuildingAsync(engine, entries));
        yield return await MeasureAsync("purge", () => engine.Maintenance.RunAsync(SweepName.PurgeOldBatches));
        if (await client.FindAsync(id) is not null)
            throw new InvalidOperationException("The batch was not purged.");

        async Task<Figure> MeasureAsync(string part, Func<Task> work)
        {
            verbs.Reset();
            await work();
            verbs.Print();
            var (verb, took) = verbs.Longest;
            return new Figure($"{entries:N0} entries, {part}: longest ({verb})", Unit.Seconds, took.TotalSeconds) { Bar = 1 };
        }
    }

    // Side by side they would wait for each other, and the wait would count.
    private static void OneAtATime(OffpeakOptions options)
    {
        (options.MaxConcurrency.Submits, options.MaxConcurrency.Ingests, options.MaxConcurrency.Polls) = (1, 1, 1);
        options.PurgeAfter = TimeSpan.FromMilliseconds(1);
    }

    private static async Task ReadAsync(BatchClient client, long id, int entries)
    {
        var details = await client.GetAsync(id);
        if (details.Counts.Succeeded != entries / 2 || details.Batch.Status != BatchStatus.Completed)
            throw new InvalidOperationException($"{details.Batch.Status}, {details.Counts}");

        var read = 0;
        await foreach (var entry in client.ReadEntriesAsync(id))
            read += entry.CustomId.Length > 0 ? 1 : 0;

        if (read != entries)
            throw new InvalidOperationException($"{read} entries were read.");
    }

    private static async Task CancelBuildingAsync(Engine engine, int entries)
    {
        var id = await engine.AddBatchAsync("memory", entries);
        await engine.Client.CancelAsync(id);
        await engine.Client.RunToEndAsync(id);
    }
}
