using System.Text;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests;

/// <summary>Runs alone: what other tests hold at the same time would be counted too.</summary>
[Collection("Memory")]
public sealed class MemoryTests
{
    [Fact]
    public async Task A_whole_batch_passes_through_without_being_held()
    {
        const int count = 100_000;
        var time = new FakeTimeProvider();
        await using var emulator = await EmulatorServer.StartAsync(new EmulatorOptions { TimeProvider = time });
        var provider = Make.Provider(configure: options => options.BaseUrl = emulator.AnthropicBaseUrl.ToString());
        var body = $$"""{"model":"claude-test","max_tokens":9,"messages":[{"role":"user","content":"{{new string('x', 2_000)}}"}]}""";
        var most = 0L;
        var atStart = GC.GetTotalMemory(forceFullCollection: true);
        void Weigh() => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - atStart);

        var bytes = Encoding.UTF8.GetBytes(body);
        var submission = MemorySubmission.Of(new SubmissionKey("op-test"), Make.Model, BatchEndpoint.Chat, count, _ => bytes);
        submission.BeforeEntry = Weigh;
        var receipt = await provider.SubmitAsync(submission, default);
        time.Advance(TimeSpan.FromMinutes(1));
        var batch = Make.Batch() with { ProviderBatchId = receipt.ProviderBatchId, EntryCount = count };
        Assert.Equal(ProviderBatchState.Ended, (await provider.GetStatusAsync(batch, default)).State);
        var read = 0;
        await foreach (var result in provider.ReadResultsAsync(batch, default))
        {
            Assert.Equal(ProviderResultKind.Succeeded, result.Kind);
            if (++read % 100 == 0)
                Weigh();
        }

        Assert.Equal(count, read);
        Assert.True(submission.BodyBytes > 200_000_000);
        // The emulator's own list of 100,000 ids is counted in.
        Assert.InRange(most, 1, 100_000_000);
    }
}

[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class RunsAlone;
