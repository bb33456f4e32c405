using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>A cancel comes early, late or again.</summary>
public abstract class CancelRaceSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    [Fact]
    public async Task A_running_batch_stops_and_its_answers_are_read_where_they_are_kept()
    {
        var batch = await SubmitAsync(10);
        Clock.Advance(TimeSpan.FromMinutes(51));
        await Provider.CancelAsync(batch, default);
        Assert.NotNull(Assert.Single(Emulator.Batches).CancelRequestedAt);

        batch = await EndAsync(batch, Subject.AfterCancel);
        var results = await ReadAsync(batch);
        Assert.Equal(Subject.KeepsAnswersAfterCancel ? 5 : 0, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.All(results, AssertHonest);
        Assert.DoesNotContain(results, result => result.Kind is ProviderResultKind.Failed or ProviderResultKind.Malformed);
    }

    [Fact]
    public async Task A_cancel_at_once_is_accepted()
    {
        var batch = await SubmitAsync(3);
        await Provider.CancelAsync(batch, default);
        await EndAsync(batch, Subject.AfterCancel);
    }

    [Fact]
    public async Task A_second_cancel_is_no_error()
    {
        var batch = await SubmitAsync(3);
        await Provider.CancelAsync(batch, default);
        await Provider.CancelAsync(batch, default);
        await EndAsync(batch, Subject.AfterCancel);
        await Provider.CancelAsync(batch, default);
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_is_no_error_and_takes_no_answer_away()
    {
        var batch = await EndAsync(await SubmitAsync(3));
        await Provider.CancelAsync(batch, default);
        Assert.Equal(ProviderBatchState.Ended, (await Provider.GetStatusAsync(batch, default)).State);
        Assert.Equal(3, (await ReadAsync(batch)).Count(result => result.Kind == ProviderResultKind.Succeeded));
    }

    [Fact]
    public async Task A_cancel_whose_reply_is_lost_may_be_sent_again()
    {
        var batch = await SubmitAsync(3);
        Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CancelBatch));
        Assert.Equal(ProviderErrorClass.Transient, (await FailureAsync(() => Provider.CancelAsync(batch, default))).Class);
        await Provider.CancelAsync(batch, default);
        await EndAsync(batch, Subject.AfterCancel);
    }

    [Fact]
    public async Task A_batch_the_provider_does_not_know_cannot_be_cancelled()
    {
        var batch = await SubmitAsync(1);
        var unknown = batch with { ProviderBatchId = batch.ProviderBatchId[..^4] + "zzzz" };
        Assert.Equal(ProviderErrorClass.NotFound, (await FailureAsync(() => Provider.CancelAsync(unknown, default))).Class);
    }
}
