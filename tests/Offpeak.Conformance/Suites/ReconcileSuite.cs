using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Suites;

/// <summary>Looking for a batch whose create call got no reply. "Absent" is a strong word: the engine creates again on it.</summary>
public abstract class ReconcileSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private DateTimeOffset started;

    [Fact]
    public async Task A_lost_batch_is_found_among_those_of_other_people()
    {
        var lost = await LoseAsync(before: 2, after: 2);
        await AssertFoundAsync(lost, Subject.IdOf(Emulator.Batches[2]));
    }

    [Fact]
    public async Task A_batch_that_was_never_made_is_not_found_whoever_else_has_some()
    {
        started = Clock.GetUtcNow();
        await SubmitOthersAsync(3);
        Emulator.Faults.Add(Fault.DropBeforeCommit(EmulatorOperation.CreateBatch));
        var lost = await LoseNextAsync();
        Clock.Advance(TimeSpan.FromMinutes(3));

        var found = await Engine.FindAsync(lost, started);
        Assert.Empty(found.ProviderBatchIds);
        if (Subject.FindsLostBatches)
            Assert.Contains(found.Outcome, (FindOutcome[])[FindOutcome.Absent, FindOutcome.Resumable]);
    }

    [Fact]
    public async Task A_list_that_lags_shows_the_batch_later()
    {
        Emulator.Faults.Add(Fault.HideFromList(TimeSpan.FromSeconds(60)));
        var lost = await LoseAsync();
        Assert.Empty((await Engine.FindAsync(lost, started)).ProviderBatchIds);
        Clock.Advance(TimeSpan.FromSeconds(61));
        await AssertFoundAsync(lost, Subject.IdOf(Emulator.Batches[0]));
    }

    [Fact]
    public async Task A_lost_batch_is_found_on_a_later_page_of_the_list()
    {
        var lost = await LoseAsync(after: Subject.BatchesForTwoPages);
        var before = Emulator.Requests.Count;
        await AssertFoundAsync(lost, Subject.IdOf(Emulator.Batches[0]));
        Assert.True(CallsSince(before).Count(call => call == EmulatorOperation.ListBatches) >= 2, "The list fitted on one page.");
    }

    [Fact]
    public async Task A_lost_batch_is_found_after_it_has_ended()
    {
        var lost = await LoseAsync(before: 1, after: 1);
        Clock.Advance(TimeSpan.FromHours(3));
        var found = await Engine.FindAsync(lost, started);
        if (found.Outcome != FindOutcome.Resumable)
            Assert.Equal([Subject.IdOf(Emulator.Batches[1])], found.ProviderBatchIds);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_is_a_failure_and_not_an_absence()
    {
        var lost = await LoseAsync();
        (Fault Fault, ProviderErrorClass Class)[] faults =
        [
            (Fault.Respond(EmulatorOperation.ListBatches, 503), ProviderErrorClass.Transient),
            (Fault.Respond(EmulatorOperation.ListBatches, 429), ProviderErrorClass.RateLimited),
            (Fault.Respond(EmulatorOperation.ListBatches, 401), ProviderErrorClass.Unauthorized),
            (Fault.DropBeforeCommit(EmulatorOperation.ListBatches), ProviderErrorClass.Transient),
        ];
        foreach (var (fault, expected) in faults)
        {
            Emulator.Faults.Clear();
            Emulator.Faults.Add(fault with { Times = null });
            Assert.Equal(expected, (await FailureAsync(() => Engine.FindAsync(lost, started))).Class);
        }

        Emulator.Faults.Clear();
        Emulator.Faults.Add(Fault.Truncate(EmulatorOperation.ListBatches, 20, cleanly: true));
        await FailureAsync(() => Engine.FindAsync(lost, started));
        await AssertFoundAsync(lost, Subject.IdOf(Emulator.Batches[0]));
    }

    private async Task AssertFoundAsync(MemorySubmission lost, string id)
    {
        var found = await Engine.FindAsync(lost, started);
        Assert.NotEqual(FindOutcome.Absent, found.Outcome);
        if (Subject.FindsLostBatches && found.Outcome != FindOutcome.Resumable)
            Assert.Equal([id], found.ProviderBatchIds);
    }

    /// <summary>Makes one batch whose reply is lost, with other people's batches before and after it.</summary>
    private async Task<MemorySubmission> LoseAsync(int before = 0, int after = 0)
    {
        started = Clock.GetUtcNow();
        await SubmitOthersAsync(before);
        Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        var lost = await LoseNextAsync();
        await SubmitOthersAsync(after);
        return lost;
    }

    private async Task<MemorySubmission> LoseNextAsync()
    {
        var lost = Shard(3);
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await FailureAsync(() => SubmitAsync(lost))).Class);
        return lost;
    }

    private async Task SubmitOthersAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await SubmitAsync(2, SubmissionKey.New());
        }
    }
}
