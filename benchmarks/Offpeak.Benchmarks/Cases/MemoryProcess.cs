using Offpeak.Benchmarks.Bed;

namespace Offpeak.Benchmarks.Cases;

/// <summary>The process that <see cref="Memory"/> looks at. Prints the megabytes over idle of the submit, then those of the ingest.</summary>
internal static class MemoryProcess
{
    public static async Task<int> RunAsync(string provider, int entries, string root)
    {
        using var scratch = new Scratch();
        await using var engine = await Engine.OpenAsync(scratch.File("memory.db"), emulator: root);
        var idle = WorkingSet.AfterCollection();
        long batchId = 0;
        Print(await WorkingSet.PeakAsync(async () => await engine.SubmitAsync(batchId = await engine.AddPromptsAsync(provider, entries))), idle);
        await engine.AwaitProviderAsync(batchId);
        WorkingSet.AfterCollection();
        Print(await WorkingSet.PeakAsync(() => engine.PollAsync(batchId)), idle);
        return 0;
    }

    private static void Print(long peak, long idle) => Console.WriteLine((peak - idle) / 1e6);
}
