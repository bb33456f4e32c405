using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>All the ways in which a batch ends, and what can be read then.</summary>
public abstract class TerminalSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    [Fact]
    public async Task A_batch_that_ended_gives_an_answer_for_every_entry()
    {
        var batch = await EndAsync(await SubmitAsync(10));
        var results = await ReadAsync(batch);
        Assert.Equal(10, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.All(results, result => Assert.True(result.Usage is { InputTokens: > 0, OutputTokens: > 0 }));
        Assert.All(results, result => Assert.Equal("stop", result.FinishReason));
        Assert.All(results, AssertHonest);
    }

    [Fact]
    public async Task An_early_end_is_told_and_answers_given_before_it_are_read_where_they_are_kept()
    {
        Assert.NotEmpty(Subject.EarlyEnds);
        foreach (var end in Subject.EarlyEnds)
        {
            await RestartAsync();
            Emulator.Faults.Add(Fault.EndBatch(end.Word, 0.4));
            var batch = await EndAsync(await SubmitAsync(10), end.State);
            var results = end.KeepsAnswers || Subject.EarlyEnds.Any(other => other.KeepsAnswers) ? await ReadAsync(batch) : [];

            Assert.Equal((end, end.KeepsAnswers ? 4 : 0), (end, results.Count(result => result.Kind == ProviderResultKind.Succeeded)));
            Assert.All(results, AssertHonest);
            Assert.Equal(results.Count, results.Select(result => result.WireId).Distinct().Count());
            Assert.DoesNotContain(results, result => result.Kind == ProviderResultKind.Failed && !result.IsPassing);
        }
    }

    [Fact]
    public async Task A_batch_refused_as_a_whole_says_why()
    {
        var canFail = Subject.EarlyEnds.Any(end => end.Word == "failed");
        if (canFail)
            Emulator.Faults.Add(Fault.FailBatch("invalid_json_line", "This line is not parseable."));

        var batch = await SubmitAsync(3);
        if (!canFail)
        {
            // It refuses entries one by one, so that nothing is ever said of the whole.
            Assert.Null((await Provider.GetStatusAsync(await EndAsync(batch), default)).Failure);
            return;
        }

        Clock.Advance(TimeSpan.FromHours(3));
        var snapshot = await Provider.GetStatusAsync(batch, default);

        Assert.Equal((ProviderBatchState.Failed, ProviderErrorClass.Refused), (snapshot.State, snapshot.Failure!.Class));
        Assert.Contains("not parseable", snapshot.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_that_were_refused_one_by_one_say_whether_asking_again_can_help()
    {
        var results = await RunAsync(
            6,
            Fault.AnswerLine(400) with { CustomId = Submitted.WireId(1) },
            Fault.AnswerLine(429) with { CustomId = Submitted.WireId(2) },
            Fault.AnswerLine(500) with { CustomId = Submitted.WireId(3) });

        var byId = results.ToDictionary(result => result.WireId!);
        foreach (var (number, passing) in (ReadOnlySpan<(int, bool)>)[(1, false), (2, true), (3, true)])
        {
            var result = byId[Submitted.WireId(number)];
            Assert.Equal((number, ProviderResultKind.Failed, passing), (number, result.Kind, result.IsPassing));
            Assert.False(string.IsNullOrEmpty(result.ErrorMessage));
        }

        Assert.Equal(3, results.Count(result => result.Kind == ProviderResultKind.Succeeded));
    }

    [Fact]
    public async Task Results_can_be_read_from_what_was_remembered_by_another_process()
    {
        var batch = await EndAsync(await SubmitAsync(4));
        var stored = batch with { Journal = new Journal(batch.Journal.Values) };
        Provider = Subject.Make(Emulator, Clock, Key);
        Assert.Equal(4, (await ReadAsync(stored)).Count);
        Assert.Equal(4, (await ReadAsync(stored with { Journal = Journal.Empty })).Count);
    }
}
