using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>Asking for the state of a batch: what is said while it runs, and what a failed call is taken for.</summary>
public abstract class PollSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    [Fact]
    public async Task A_batch_runs_and_then_ends()
    {
        var batch = await SubmitAsync(10);
        foreach (var minutes in (int[])[0, 2, 50])
        {
            Clock.Advance(TimeSpan.FromMinutes(minutes));
            var snapshot = await Provider.GetStatusAsync(batch, default);
            Assert.Equal((ProviderBatchState.Running, false), (snapshot.State, snapshot.StatusIsUnknown));
            Assert.Null(snapshot.Failure);
        }

        await EndAsync(batch);
    }

    [Fact]
    public async Task Counts_tell_the_progress_where_the_provider_counts()
    {
        var batch = await SubmitAsync(10);
        Clock.Advance(TimeSpan.FromMinutes(51));
        var counts = (await Provider.GetStatusAsync(batch, default)).Counts;
        if (Subject.ReportsProgress)
            Assert.Equal((10, 5, 0), (counts!.Total, counts.Succeeded, counts.Failed));
        Clock.Advance(TimeSpan.FromHours(2));
        counts = (await Provider.GetStatusAsync(batch, default)).Counts;
        Assert.Equal((10, 10, 0), (counts!.Total, counts.Succeeded, counts.Failed ?? 0));
    }

    [Fact]
    public async Task An_unknown_status_word_means_running_and_is_shown()
    {
        var batch = await SubmitAsync(2);
        if (Subject.UnknownStatus is not { } fault)
        {
            // Without words of its own there is none that could be unknown.
            Assert.False((await Provider.GetStatusAsync(batch, default)).StatusIsUnknown);
            await EndAsync(batch);
            return;
        }

        Clock.Advance(TimeSpan.FromHours(3));
        Emulator.Faults.Add(fault);
        var snapshot = await Provider.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Running, true), (snapshot.State, snapshot.StatusIsUnknown));
        Assert.Contains("pondering", snapshot.Status.Value, StringComparison.OrdinalIgnoreCase);
        await EndAsync(batch);
    }

    [Fact]
    public async Task A_wait_that_is_asked_for_on_a_good_answer_is_passed_on()
    {
        var batch = await SubmitAsync(2);
        Emulator.Faults.Add(Fault.AddRetryAfter(EmulatorOperation.GetBatch, TimeSpan.FromSeconds(77)));
        Assert.Equal(TimeSpan.FromSeconds(77), (await Provider.GetStatusAsync(batch, default)).RetryAfter);
    }

    [Fact]
    public async Task Each_failure_has_its_class_and_is_not_tried_again()
    {
        var batch = await SubmitAsync(2);
        var wait = TimeSpan.FromSeconds(9);
        (Fault Fault, ProviderErrorClass Class)[] faults =
        [
            (Fault.Respond(EmulatorOperation.GetBatch, 401), ProviderErrorClass.Unauthorized),
            (Fault.Respond(EmulatorOperation.GetBatch, 403), ProviderErrorClass.Unauthorized),
            (Fault.Respond(EmulatorOperation.GetBatch, 404), ProviderErrorClass.NotFound),
            (Fault.Respond(EmulatorOperation.GetBatch, 429, wait), ProviderErrorClass.RateLimited),
            (Fault.Respond(EmulatorOperation.GetBatch, 500), ProviderErrorClass.Transient),
            (Fault.Respond(EmulatorOperation.GetBatch, 503, wait), ProviderErrorClass.Transient),
            (Fault.Respond(EmulatorOperation.GetBatch, 529), ProviderErrorClass.Transient),
            (Fault.Respond(EmulatorOperation.GetBatch, 502, body: "<html>bad gateway</html>"), ProviderErrorClass.Transient),
            (Fault.DropBeforeCommit(EmulatorOperation.GetBatch), ProviderErrorClass.Transient),
            (Fault.Truncate(EmulatorOperation.GetBatch, 10), ProviderErrorClass.Transient),
            (Fault.Truncate(EmulatorOperation.GetBatch, 10, cleanly: true), ProviderErrorClass.Unexpected),
        ];
        foreach (var (fault, expected) in faults)
        {
            Emulator.Faults.Clear();
            Emulator.Faults.Add(fault with { Times = null });
            var before = Emulator.Requests.Count;
            var failure = await FailureAsync(() => Provider.GetStatusAsync(batch, default));
            Assert.Equal((fault, expected, fault.RetryAfter), (fault, failure.Class, failure.RetryAfter));
            Assert.Equal([EmulatorOperation.GetBatch], CallsSince(before));
        }
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_yet_is_not_found_for_now()
    {
        Emulator.Faults.Add(Fault.HideFromGet(TimeSpan.FromSeconds(5)));
        var submission = Shard(2);
        if (Subject.SubmitFlow.Contains(EmulatorOperation.AppendRequests))
        {
            Assert.Equal(ProviderErrorClass.NotFound, (await FailureAsync(() => SubmitAsync(submission))).Class);
            Clock.Advance(TimeSpan.FromSeconds(6));
        }

        var batch = await SubmitAsync(submission.Again());
        if (Clock.GetUtcNow() < Emulator.Batches[0].CreatedAt + TimeSpan.FromSeconds(5))
            Assert.Equal(ProviderErrorClass.NotFound, (await FailureAsync(() => Provider.GetStatusAsync(batch, default))).Class);
        Assert.Single(Emulator.Batches);
        Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(ProviderBatchState.Running, (await Provider.GetStatusAsync(batch, default)).State);
    }
}
