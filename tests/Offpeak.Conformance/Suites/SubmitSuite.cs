using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>A submit without trouble, and one that the provider refuses.</summary>
public abstract class SubmitSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    [Fact]
    public async Task Every_entry_arrives_once_in_one_batch()
    {
        var submission = Shard(25);
        var batch = await EndAsync(await SubmitAsync(submission));

        var held = Assert.Single(Emulator.Batches);
        Assert.Equal((batch.ProviderBatchId, 25), (Subject.IdOf(held), held.EntryCount));
        var results = await ReadAsync(batch);
        Assert.Equal(submission.WireIds.Order(), results.Select(result => result.WireId).Order());
        Assert.All(results, AssertHonest);
    }

    [Fact]
    public async Task The_flow_is_the_one_that_the_other_suites_break_call_by_call()
    {
        await SubmitAsync(3);
        Assert.Equal(Subject.SubmitFlow, CallsSince(0));
    }

    [Fact]
    public async Task The_create_call_is_announced_once_before_it_is_sent()
    {
        var submission = Shard(3);
        var createsWhenAnnounced = -1;
        submission.OnBeginCreate = () => createsWhenAnnounced = Emulator.CreateCalls;
        await SubmitAsync(submission);

        Assert.Equal((1, 0, 1), (submission.CreatesBegun, createsWhenAnnounced, Emulator.CreateCalls));
    }

    [Fact]
    public async Task Ids_are_journalled_as_small_texts_that_hold_nothing_private()
    {
        var submission = Shard(3);
        await SubmitAsync(submission);

        Assert.All(submission.Notes, note => Assert.InRange(note.Value.Length, 1, 500));
        var notes = string.Join(" ", submission.Notes);
        Assert.DoesNotContain(Key, notes);
        Assert.DoesNotContain("Question", notes);
        // What is made before the last call of the flow would be made again by the next attempt if nobody had noted it.
        Assert.True(submission.Notes.Count >= Subject.SubmitFlow.Distinct().Count() - 1, $"Only {submission.Notes.Count} notes.");
    }

    [Fact]
    public async Task A_second_attempt_goes_on_from_what_the_first_one_journalled()
    {
        foreach (var call in Subject.SubmitFlow.Distinct().Skip(1))
        {
            await RestartAsync();
            Emulator.Faults.Add(Fault.Respond(call, 429, TimeSpan.FromSeconds(7)));
            var submission = Shard(3);
            var failure = await FailureAsync(() => SubmitAsync(submission));
            Assert.Contains(failure.Class, (ProviderErrorClass[])[ProviderErrorClass.RateLimited, ProviderErrorClass.Capacity]);
            Assert.Equal(TimeSpan.FromSeconds(7), failure.RetryAfter);

            Clock.Advance(TimeSpan.FromSeconds(7));
            var before = Emulator.Requests.Count;
            await SubmitAsync(submission.Again());
            Assert.DoesNotContain(Subject.SubmitFlow[0], CallsSince(before));
        }
    }

    [Fact]
    public async Task A_refused_create_leaves_no_batch_and_says_so()
    {
        Emulator.Faults.Add(Fault.Respond(EmulatorOperation.CreateBatch, 400));
        var failure = await FailureAsync(() => SubmitAsync(3));
        Assert.Equal((ProviderErrorClass.Refused, 400), (failure.Class, failure.StatusCode));
        Assert.Empty(Emulator.Batches);
        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task A_create_that_failed_at_the_server_is_not_repeated(int status)
    {
        Emulator.Faults.Add(Fault.Respond(EmulatorOperation.CreateBatch, status) with { Times = null });
        var failure = await FailureAsync(() => SubmitAsync(3));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, failure.Class);
        Assert.Equal(1, Emulator.CreateCalls);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await EmulatorServer.StartAsync();
        foreach (var call in Subject.SubmitFlow.Distinct())
        {
            await RestartAsync();
            Emulator.Faults.Add(Fault.Redirect(call, elsewhere.BaseAddress.ToString()));
            await FailureAsync(() => SubmitAsync(3));
        }

        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Two_submissions_at_once_do_not_mix()
    {
        var keys = Enumerable.Range(1, 2).Select(number => new SubmissionKey($"op-{number}")).ToList();
        var batches = await Task.WhenAll(keys.Select(key => SubmitAsync(5, key)));

        Clock.Advance(TimeSpan.FromHours(3));
        foreach (var batch in batches)
        {
            var results = await ReadAsync(Remember(batch, await Provider.GetStatusAsync(batch, default)));
            Assert.Equal(Enumerable.Range(1, 5).Select(number => batch.Key.WireId(number)), results.Select(result => result.WireId).Order());
        }
    }
}
