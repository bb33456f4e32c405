using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Suites;

/// <summary>
/// Large batches pass through in bounded memory. The emulator lives in the same process, so what it takes counts against the provider. The
/// bounds are below what is promised, so that a single copy of the data cannot pass.
/// </summary>
public abstract class StreamingSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const long BoundOfResults = 60_000_000;
    private const long BoundOfSubmission = 60_000_000;
    private const int LargeText = 20_000;
    private const long ResultBytes = 240_000_000;

    [Fact]
    public async Task More_than_two_hundred_megabytes_of_results_are_read_in_bounded_memory()
    {
        var text = new string('x', LargeText);
        Emulator.Answers = _ => EmulatedAnswer.Say(text);
        var batch = await EndAsync(await SubmitAsync((int)(ResultBytes / LargeText)));

        await using var memory = PeakMemory.Watch();
        long bytes = 0;
        await foreach (var result in Provider.ReadResultsAsync(batch, default))
        {
            Assert.Equal(ProviderResultKind.Succeeded, result.Kind);
            bytes += result.Body.Length;
        }

        Assert.True(bytes >= ResultBytes, $"Only {bytes:N0} bytes were read.");
        Assert.InRange(await memory.GrowthAsync(), 0, BoundOfResults);
    }

    [Fact]
    public async Task A_large_submission_is_sent_in_bounded_memory()
    {
        Emulator.Answers = _ => EmulatedAnswer.Say("ok");
        var body = Subject.Body(Provider, new string('x', LargeText));
        var count = (int)(Subject.LargeSubmissionBytes / body.Length);
        var submission = MemorySubmission.Of(Submitted, Subject.Model, Subject.Endpoint, count, _ => body);

        await using var memory = PeakMemory.Watch();
        var batch = await SubmitAsync(submission);
        Assert.InRange(await memory.GrowthAsync(), 0, BoundOfSubmission);

        batch = await EndAsync(batch);
        Assert.Equal(count, Assert.Single(Emulator.Batches).EntryCount);
        Assert.Equal(count, await Provider.ReadResultsAsync(batch, default).CountAsync(result => result.Kind == ProviderResultKind.Succeeded));
    }
}
