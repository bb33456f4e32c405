using System.Text;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Anthropic.Tests;

/// <summary>Batches carry no key: a lost one is looked for by time and size and known by the wire ids in its results.</summary>
public class FindTests
{
    private const string List = "/v1/messages/batches?limit=1000";
    private static readonly DateTimeOffset Start = new(2026, 8, 19, 14, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Nothing_that_fits_is_absent()
    {
        var list = Page(false, Item("b3", 30, total: 3), Item("b2", 20, total: 1), Item("b1", -1, total: 2));
        Assert.Equal(FindOutcome.Absent, (await Find(list)).Outcome);
        Assert.Equal(FindOutcome.Absent, (await Find(Page(false))).Outcome);
    }

    [Fact]
    public async Task An_ended_batch_is_known_by_its_wire_ids()
    {
        var found = await Find(Page(false, Item("b2", 20, ended: true), Item("b1", 10, ended: true)), ("b1", Line("op-test-7")), ("b2", Line("op-other-7")));
        Assert.Equal(["b1"], found.ProviderBatchIds);
    }

    [Fact]
    public async Task Ended_batches_of_others_prove_absence()
    {
        var found = await Find(Page(false, Item("b1", 10, ended: true)), ("b1", Line("op-testing-1") + Line("row-1")));
        Assert.Equal(FindOutcome.Absent, found.Outcome);
    }

    [Fact]
    public async Task A_running_batch_that_fits_is_neither_adopted_nor_ignored() =>
        Assert.Equal(FindOutcome.Unknown, (await Find(Page(false, Item("b1", 10)))).Outcome);

    [Fact]
    public async Task Ours_is_adopted_although_another_that_fits_still_runs()
    {
        var found = await Find(Page(false, Item("b2", 20), Item("b1", 10, ended: true)), ("b1", Line("op-test-1")));
        Assert.Equal(["b1"], found.ProviderBatchIds);
    }

    [Fact]
    public async Task Doubles_come_oldest_first()
    {
        var list = Page(false, Item("b2", 20, ended: true), Item("b1", 10, ended: true));
        Assert.Equal(["b1", "b2"], (await Find(list, ("b1", Line("op-test-1")), ("b2", Line("op-test-1")))).ProviderBatchIds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json\n{\"a\":1}\n")]
    [InlineData(null)]
    public async Task An_ended_batch_without_a_readable_line_cannot_be_told(string? results)
    {
        var found = results is null ? await Find(Page(false, Item("b1", 10, ended: true))) : await Find(Page(false, Item("b1", 10, ended: true)), ("b1", results));
        Assert.Equal(FindOutcome.Unknown, found.Outcome);
    }

    [Fact]
    public async Task A_spoilt_line_does_not_hide_ours()
    {
        var results = "spoilt\n" + Line("op-strange-1") + Line("op-test-2");
        Assert.Equal(["b1"], (await Find(Page(false, Item("b1", 10, ended: true)), ("b1", results))).ProviderBatchIds);
    }

    [Fact]
    public async Task Pages_until_batches_are_older_than_the_search()
    {
        var handler = new StubHandler(call => call.Path switch
        {
            List => AsJson(Page(true, Item("b9", 90, total: 9), Item("b8", 80, total: 9))),
            List + "&after_id=b8" => AsJson(Page(true, Item("b7", 70, ended: true), Item("b6", -10, total: 9))),
            "/v1/messages/batches/b7/results" => Bytes(Encoding.UTF8.GetBytes(Line("op-test-1"))),
            _ => throw new InvalidOperationException(call.Path),
        });
        Assert.Equal(["b7"], (await Make.Provider(handler).FindAsync(Request(), default)).ProviderBatchIds);
        Assert.Equal(3, handler.Calls.Count);
    }

    [Fact]
    public async Task A_cursor_that_stands_still_does_not_count_as_absent() =>
        Assert.Equal(FindOutcome.Unknown, (await Find(Page(true, Item("b1", 10, total: 9)))).Outcome);

    [Theory]
    [InlineData(500, "", "transient")]
    [InlineData(401, "", "unauthorized")]
    [InlineData(200, "{}", "unexpected")]
    public async Task A_list_that_fails_is_never_taken_for_absent(int status, string body, string expected)
    {
        var failure = await Make.Failure(() => Make.Provider(_ => AsJson(body, status)).FindAsync(Request(), default));
        Assert.Equal(expected, failure.Class.Value);
    }

    [Fact]
    public async Task A_batch_that_this_process_made_or_polls_is_known_while_it_runs()
    {
        var provider = Make.Provider(call => call.Path switch
        {
            List => AsJson(Page(false, Item("b2", 20), Item("b1", 10))),
            "/v1/messages/batches" => AsJson("""{"id":"b1"}"""),
            _ => AsJson("""{"id":"b2","processing_status":"in_progress"}"""),
        });
        await provider.SubmitAsync(MemorySubmission.Of(new SubmissionKey("op-one"), Make.Model, ["{}", "{}"]), default);
        await provider.GetStatusAsync(Make.Batch() with { ProviderBatchId = "b2", Key = new("op-two") }, default);

        Assert.Equal(FindOutcome.Absent, (await provider.FindAsync(Request(), default)).Outcome);
        Assert.Equal(["b1"], (await provider.FindAsync(Request() with { Key = new("op-one") }, default)).ProviderBatchIds);
        Assert.Equal(["b2"], (await provider.FindAsync(Request() with { Key = new("op-two") }, default)).ProviderBatchIds);
    }

    [Fact]
    public async Task A_stranger_is_looked_into_once()
    {
        var handler = Handler(Page(false, Item("b1", 10, ended: true)), ("b1", Line("op-other-1")));
        var provider = Make.Provider(handler);
        await provider.FindAsync(Request(), default);
        await provider.FindAsync(Request(), default);
        Assert.Equal(1, handler.Calls.Count(call => call.Path.EndsWith("/results", StringComparison.Ordinal)));
        Assert.Equal(["b1"], (await provider.FindAsync(Request() with { Key = new("op-other") }, default)).ProviderBatchIds);
    }

    private static FindRequest Request() => new(Make.Batch(), Start);

    private static Task<FindResult> Find(string list, params (string Id, string Results)[] results) =>
        Make.Provider(Handler(list, results)).FindAsync(Request(), default);

    private static StubHandler Handler(string list, params (string Id, string Results)[] results) => new(call =>
    {
        if (call.Path.StartsWith(List, StringComparison.Ordinal))
            return AsJson(list);
        var id = call.Path.Split('/')[4];
        return results.FirstOrDefault(result => result.Id == id).Results is { } lines ? Bytes(Encoding.UTF8.GetBytes(lines)) : AsJson("{}", 404);
    });

    private static string Line(string id) => $$$"""{"custom_id":"{{{id}}}","result":{"type":"expired"}}""" + "\n";

    private static string Page(bool more, params string[] items) =>
        $$"""{"data":[{{string.Join(',', items)}}],"has_more":{{(more ? "true" : "false")}},"first_id":null,"last_id":null}""";

    private static string Item(string id, int seconds, int total = 2, bool ended = false) => $$$"""
        {"id":"{{{id}}}","processing_status":"{{{(ended ? "ended" : "in_progress")}}}","created_at":"{{{Start.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ss.ffffff+00:00}}}",
        "results_url":{{{(ended ? "\"https://api.anthropic.com/x\"" : "null")}}},
        "request_counts":{"processing":{{{(ended ? 0 : total)}}},"succeeded":{{{(ended ? total : 0)}}},"errored":0,"canceled":0,"expired":0}}
        """;
}
