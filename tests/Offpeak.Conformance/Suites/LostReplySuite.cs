using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Suites;

/// <summary>Each call of a submit loses its reply, before or after the provider did the work. The engine's steps must end in one batch.</summary>
public abstract class LostReplySuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const int Entries = 7;

    [Theory]
    [InlineData(FaultAction.DropBeforeCommit)]
    [InlineData(FaultAction.DropAfterCommit)]
    public async Task Whichever_reply_is_lost_one_batch_holds_every_entry(FaultAction drop)
    {
        foreach (var (call, nth) in await CallsOfTheFlowAsync())
            await SubmitWithAsync(new Fault { Action = drop, On = call, Nth = nth });
    }

    [Fact]
    public async Task A_reply_that_breaks_off_counts_as_a_lost_reply()
    {
        foreach (var (call, nth) in await CallsOfTheFlowAsync())
            await SubmitWithAsync(Fault.Truncate(call, bytes: 0) with { Nth = nth });
    }

    [Fact]
    public async Task An_answer_without_sense_to_any_call_makes_no_second_batch()
    {
        foreach (var (call, nth) in await CallsOfTheFlowAsync())
            await SubmitWithAsync(Fault.Truncate(call, bytes: 1, cleanly: true) with { Nth = nth });
    }

    [Fact]
    public async Task A_lost_reply_while_the_list_lags_makes_no_second_batch()
    {
        await RestartAsync();
        Emulator.Faults.Add(Fault.HideFromList(TimeSpan.FromSeconds(60)));
        await SubmitWithAsync(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), restart: false);
    }

    [Fact]
    public async Task A_lost_create_reply_is_told_as_such()
    {
        Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        var submission = Shard(Entries);
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await FailureAsync(() => SubmitAsync(submission))).Class);
        Assert.Equal((1, 1), (submission.CreatesBegun, Emulator.CreateCalls));
    }

    [Fact]
    public async Task A_server_that_is_not_there_makes_no_doubt()
    {
        var gone = Emulator;
        await gone.DisposeAsync();
        var submission = Shard(Entries);
        Assert.Equal(ProviderErrorClass.Unreachable, (await FailureAsync(() => SubmitAsync(submission))).Class);
    }

    private async Task<IEnumerable<(EmulatorOperation Call, int Nth)>> CallsOfTheFlowAsync()
    {
        await SubmitAsync(Entries);
        var calls = CallsSince(0);
        Assert.Equal(Subject.SubmitFlow.Distinct(), calls.Distinct());
        return calls.Select((call, index) => (call, calls.Take(index + 1).Count(other => other == call)));
    }

    private async Task SubmitWithAsync(Fault fault, bool restart = true)
    {
        if (restart)
            await RestartAsync();
        Emulator.Faults.Add(fault);
        var engine = Engine;
        var submission = Shard(Entries);
        var id = await engine.SubmitAsync(submission);

        var at = $"{fault.Action} at {fault.On} {fault.Nth}";
        Assert.True(Emulator.Faults.Struck(fault.Action) == 1, $"{at}: the fault did not strike.");
        // What an answer says may not matter, but that there was none must be seen.
        Assert.True(engine.Failures.Count > 0 || fault.Action == FaultAction.TruncateCleanly, $"{at}: nothing was noticed.");
        Clock.Advance(TimeSpan.FromHours(3));
        var filled = Emulator.Batches.Where(batch => batch.EntryCount > 0).ToList();
        if (id is null)
        {
            // Nobody can tell, so a person decides: nothing may have been sent a second time.
            Assert.False(Subject.FindsLostBatches, at);
            Assert.True(filled.Count <= 1, at);
            return;
        }

        Assert.True(filled.Count == 1, $"{at}: {filled.Count} batches hold entries.");
        Assert.Equal((at, Entries, id), (at, filled[0].EntryCount, Subject.IdOf(filled[0])));
        await ReadWholeAsync(id, submission);
    }

    private async Task ReadWholeAsync(string id, MemorySubmission submission)
    {
        var batch = submission.At(id);
        var results = await ReadAsync(Remember(batch, await Provider.GetStatusAsync(batch, default)));
        Assert.Equal(submission.WireIds, results.Select(result => result.WireId).Order());
        Assert.All(results, AssertHonest);
    }
}
