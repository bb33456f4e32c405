using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

/// <summary>Runs alone: what other tests hold at the same time would be counted too.</summary>
[Collection("Memory")]
public sealed class MemoryTests
{
    [Fact]
    public async Task A_hundred_thousand_entries_pass_in_bounded_memory()
    {
        await using var bench = await XAIBench.StartAsync();
        // Fills the pools of the emulator's web server, which keep what the most calls at once have needed.
        await PassAsync(bench, "op-first");
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        var (count, peak) = await PassAsync(bench, "op-test");
        Assert.Equal(50_000, count);
        // The emulator runs in this process and keeps some 20 MB of ids; 50 MB of bodies and as much of results must not add up.
        Assert.InRange((peak - idle) / 1_000_000, 0, 60);
    }

    private static async Task<(int Count, long Peak)> PassAsync(XAIBench bench, string key)
    {
        var body = Encoding.UTF8.GetBytes("""{"model":"grok-test","messages":[{"role":"user","content":"?"}],"user":""" + "\"" + new string('x', 1_000) + "\"}");
        var shard = MemorySubmission.Of(new SubmissionKey(key), "grok-test", BatchEndpoint.Chat, 50_000, _ => body);
        var batch = shard.At((await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId);
        await bench.EndAsync(batch);
        var (count, peak) = (0, 0L);
        await foreach (var result in bench.Provider.ReadResultsAsync(batch, default))
        {
            if (++count % 5_000 == 0)
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
        }

        return (count, peak);
    }
}

[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class RunsAlone;
