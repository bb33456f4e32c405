using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>Results in any order and any state: what is whole arrives under its own id, what is not is told by number only.</summary>
public abstract class ResultsSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const int Entries = 10;

    private static IEnumerable<string> AllIds => Enumerable.Range(1, Entries).Select(number => Submitted.WireId(number)).Order();

    [Fact]
    public async Task Shuffled_lines_keep_their_ids()
    {
        var results = await RunAsync(Entries, Fault.Lines(FaultAction.ShuffleLines));
        Assert.NotEqual(Enumerable.Range(1, Entries).Select(number => Submitted.WireId(number)), results.Select(result => result.WireId));
        Assert.Equal(AllIds, results.Select(result => result.WireId).Order());
        Assert.All(results, AssertHonest);
    }

    [Fact]
    public async Task A_line_that_comes_twice_is_delivered_twice()
    {
        var results = await RunAsync(Entries, Fault.Lines(FaultAction.DuplicateLine, 2));
        Assert.Equal(Entries + 2, results.Count);
        Assert.Equal(AllIds, results.Select(result => result.WireId).Distinct().Order());
        Assert.All(results, AssertHonest);
    }

    [Fact]
    public async Task Lines_that_contradict_each_other_are_both_delivered()
    {
        var results = await RunAsync(Entries, Fault.Lines(FaultAction.ContradictLine));
        var both = results.Where(result => result.WireId == Submitted.WireId(1)).Select(result => result.Kind);
        Assert.Equal([ProviderResultKind.Succeeded, ProviderResultKind.Failed], both.Order());
        Assert.Equal(Entries + 1, results.Count);
    }

    [Fact]
    public async Task An_id_that_was_never_sent_takes_no_other_entrys_place()
    {
        var results = await RunAsync(Entries, Fault.Lines(FaultAction.RenameLine));
        Assert.DoesNotContain(results, result => result.WireId == Submitted.WireId(1));
        Assert.Equal(AllIds.Except([Submitted.WireId(1)]), results.Select(result => result.WireId!).Intersect(AllIds).Order());
        Assert.Single(results, result => !AllIds.Contains(result.WireId));
    }

    [Fact]
    public async Task A_missing_line_leaves_the_others()
    {
        var results = await RunAsync(Entries, Fault.Lines(FaultAction.OmitLine, 2));
        Assert.Equal(AllIds.Except([Submitted.WireId(1), Submitted.WireId(2)]), results.Select(result => result.WireId!).Order());
    }

    [Fact]
    public async Task A_malformed_line_is_told_by_its_number_and_the_others_arrive_but_a_malformed_page_gives_nothing()
    {
        if (!Subject.HasResultLines)
        {
            await AssertPageIsWholeOrNothingAsync();
            return;
        }

        var results = await RunAsync(Entries, Fault.Lines(FaultAction.MalformLine) with { CustomId = Submitted.WireId(4) });
        var bad = Assert.Single(results, result => result.Kind == ProviderResultKind.Malformed);
        Assert.Equal((4, false), (bad.Line, bad.IsTorn));
        Assert.All(results, AssertHonest);
        Assert.Equal(AllIds.Except([Submitted.WireId(4)]), results.Select(result => result.WireId!).Where(id => id is not null).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_anywhere_loses_no_line_before_it(bool cleanly)
    {
        var batch = await EndAsync(await SubmitAsync(Entries));
        var whole = (await ReadAsync(batch)).ToDictionary(result => result.WireId!);
        foreach (var bytes in (int[])[0, 1, 2, 100, 333, 700, 1_024, 1_500, 2_222])
        {
            Emulator.Faults.Clear();
            Emulator.Faults.Add(Fault.Truncate(Subject.ResultCall, bytes, cleanly));
            var (results, failure) = await ReadUntilFailureAsync(batch);

            Assert.True(failure is not null || cleanly, $"The cut at {bytes} was not noticed.");
            Assert.True(failure is null || failure.Class == ProviderErrorClass.Transient || cleanly, failure?.Message);
            AssertPart(results, whole, bytes);
        }

        Emulator.Faults.Clear();
        Assert.Equal(Entries, (await ReadAsync(batch)).Count);
    }

    [Fact]
    public async Task A_failed_download_has_its_class()
    {
        var batch = await EndAsync(await SubmitAsync(2));
        (Fault Fault, ProviderErrorClass Class)[] faults =
        [
            (Fault.Respond(Subject.ResultCall, 401), ProviderErrorClass.Unauthorized),
            (Fault.Respond(Subject.ResultCall, 404), ProviderErrorClass.NotFound),
            (Fault.Respond(Subject.ResultCall, 429, TimeSpan.FromSeconds(5)), ProviderErrorClass.RateLimited),
            (Fault.Respond(Subject.ResultCall, 500), ProviderErrorClass.Transient),
            (Fault.DropBeforeCommit(Subject.ResultCall), ProviderErrorClass.Transient),
        ];
        foreach (var (fault, expected) in faults)
        {
            Emulator.Faults.Clear();
            Emulator.Faults.Add(fault with { Times = null });
            Assert.Equal((fault, expected), (fault, (await FailureAsync(() => ReadAsync(batch))).Class));
        }
    }

    private async Task AssertPageIsWholeOrNothingAsync()
    {
        var batch = await EndAsync(await SubmitAsync(Entries));
        Emulator.Faults.Add(Fault.Truncate(Subject.ResultCall, 300, cleanly: true) with { Times = null });
        var (results, failure) = await ReadUntilFailureAsync(batch);
        Assert.True(failure is not null || results.All(result => result.IsTorn), "The page was cut, and nothing says so.");
        Assert.DoesNotContain(results, result => result.Kind == ProviderResultKind.Succeeded);
    }

    private async Task<(List<ProviderResult> Results, ProviderException? Failure)> ReadUntilFailureAsync(ProviderBatchRef batch)
    {
        var results = new List<ProviderResult>();
        try
        {
            await foreach (var result in Provider.ReadResultsAsync(batch, default))
                results.Add(result);
            return (results, null);
        }
        catch (ProviderException failure)
        {
            Assert.DoesNotContain(Canary, failure.ToString());
            return (results, failure);
        }
    }

    private void AssertPart(List<ProviderResult> results, Dictionary<string, ProviderResult> whole, int bytes)
    {
        Assert.All(results, AssertHonest);
        foreach (var result in results.Where(result => result.Kind != ProviderResultKind.Malformed))
            Assert.True(result.Body.Span.SequenceEqual(whole[result.WireId!].Body.Span), $"The cut at {bytes} changed {result.WireId}.");
        var malformed = results.FindIndex(result => result.Kind == ProviderResultKind.Malformed);
        Assert.True(malformed < 0 || (malformed == results.Count - 1 && results[malformed].IsTorn), $"The cut at {bytes} is not shown as torn.");
        if (!Subject.HasResultLines)
            return;
        var complete = whole.Values.OrderBy(result => result.Line).TakeWhile(result => (bytes -= LeastLength(result)) >= 0).Count();
        Assert.True(results.Count(result => result.Kind == ProviderResultKind.Succeeded) <= complete, "More lines than bytes.");
    }

    private static int LeastLength(ProviderResult result) => result.Body.Length;
}
