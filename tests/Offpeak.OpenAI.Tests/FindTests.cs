using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

public class FindTests
{
    private const long Start = 1_800_000_000;

    [Fact]
    public async Task Finds_every_batch_with_the_key_oldest_first()
    {
        var found = await Find($$"""
            {"data":[{{Item("b3", Start + 30, "op-test")}},{{Item("b2", Start + 20, "op-other")}},{{Item("b1", Start + 10, "op-test")}}],"has_more":false}
            """);
        Assert.Equal(FindOutcome.Found, found.Outcome);
        Assert.Equal(["b1", "b3"], found.ProviderBatchIds);
    }

    [Fact]
    public async Task Pages_until_batches_are_older_than_the_search()
    {
        var handler = new StubHandler(call => AsJson(call.Path switch
        {
            "/v1/batches?limit=100" => Page(true, Item("b9", Start + 90, "x"), Item("b8", Start + 80, "x")),
            "/v1/batches?limit=100&after=b8" => Page(true, Item("b7", Start + 70, "op-test"), Item("b6", Start - 10, "x")),
            _ => throw new InvalidOperationException(call.Path),
        }));
        var found = await Make.Provider(handler).FindAsync(Request(), default);
        Assert.Equal(["b7"], found.ProviderBatchIds);
        Assert.Equal(2, handler.Calls.Count);
    }

    [Fact]
    public async Task Reads_to_the_end_when_the_list_is_not_newest_first()
    {
        var handler = new StubHandler(call => AsJson(call.Path.Contains("after=b2", StringComparison.Ordinal)
            ? Page(false, Item("b3", Start + 5, "op-test"))
            : Page(true, Item("b1", Start - 500, "x"), Item("b2", Start - 400, "x"))));
        Assert.Equal(["b3"], (await Make.Provider(handler).FindAsync(Request(), default)).ProviderBatchIds);
    }

    [Fact]
    public async Task Matches_the_journalled_file_where_batches_carry_no_key()
    {
        var list = $$"""[{"id":"b1","created_at":{{Start + 1}},"input_file_id":"file-1"},{"id":"b2","created_at":{{Start + 2}},"input_file_id":"file-2"}]""";
        Assert.Equal(["b1"], (await Find(list, ("input_file_id", "file-1"))).ProviderBatchIds);
        Assert.Equal(FindOutcome.Absent, (await Find(list)).Outcome);
    }

    [Fact]
    public async Task A_batch_of_the_same_file_with_another_key_is_not_ours()
    {
        var list = $$$"""{"data":[{"id":"b1","created_at":{{{Start}}},"input_file_id":"f","metadata":{"offpeak_submission_key":"op-other"}}]}""";
        Assert.Equal(FindOutcome.Absent, (await Find(list, ("input_file_id", "f"))).Outcome);
    }

    [Fact]
    public async Task A_batch_older_than_the_search_cannot_be_the_one()
    {
        Assert.Equal(FindOutcome.Absent, (await Find(Page(false, Item("b1", Start - 1, "op-test")))).Outcome);
        Assert.Equal(FindOutcome.Found, (await Find(Page(false, Item("b1", Start, "op-test")))).Outcome);
    }

    [Theory]
    [InlineData("""{"value":[{"id":"b1","createdAt":1,"created_at":"2027-01-15T08:00:00Z","metadata":{"offpeak_submission_key":"op-test"}}]}""")]
    [InlineData("""[{"id":"b1","created_at":"1800000000","metadata":{"offpeak_submission_key":"op-test"}}]""")]
    [InlineData("""{"data":[{"id":"b1","metadata":{"offpeak_submission_key":"op-test"}}],"has_more":null}""")]
    [InlineData("""{"data":[null,7,{},{"id":"b1","created_at":{},"metadata":{"offpeak_submission_key":"op-test"}}]}""")]
    public async Task Wrappers_and_times_of_the_dialect_are_read(string list) =>
        Assert.Equal(["b1"], (await Find(list)).ProviderBatchIds);

    [Fact]
    public async Task An_empty_list_means_absent() => Assert.Equal(FindOutcome.Absent, (await Find("""{"data":[],"has_more":false}""")).Outcome);

    [Fact]
    public async Task A_bare_list_of_a_full_page_that_repeats_ends_the_search()
    {
        var list = "[" + string.Join(',', Enumerable.Range(0, 120).Select(i => Item("b" + i, Start + 500 - i, "x"))) + "]";
        var handler = new StubHandler(_ => AsJson(list));
        Assert.Equal(FindOutcome.Absent, (await Make.Provider(handler).FindAsync(Request(), default)).Outcome);
        Assert.Equal(2, handler.Calls.Count);
    }

    [Fact]
    public async Task A_cursor_that_stands_still_does_not_count_as_absent()
    {
        var handler = new StubHandler(_ => AsJson(Page(true, Item("b1", Start + 1, "x"))));
        Assert.Equal(FindOutcome.Unknown, (await Make.Provider(handler).FindAsync(Request(), default)).Outcome);
        Assert.Equal(2, handler.Calls.Count);
    }

    [Fact]
    public async Task A_list_without_end_is_given_up()
    {
        var next = 0;
        var handler = new StubHandler(_ => AsJson(Page(true, Item("b" + ++next, Start + 9, "x"))));
        Assert.Equal(FindOutcome.Unknown, (await Make.Provider(handler).FindAsync(Request(), default)).Outcome);
        Assert.Equal(1_000, handler.Calls.Count);
    }

    [Theory]
    [InlineData(500, "", "transient")]
    [InlineData(401, "", "unauthorized")]
    [InlineData(404, "", "unreachable")]
    [InlineData(200, "<html>", "unexpected")]
    [InlineData(200, "{}", "unexpected")]
    public async Task A_list_that_fails_is_never_taken_for_absent(int status, string body, string expected)
    {
        var failure = await Make.Failure(() => Make.Provider(_ => AsJson(body, status)).FindAsync(Request(), default));
        Assert.Equal(expected, failure.Class.Value);
    }

    [Fact]
    public async Task A_second_page_that_fails_is_never_taken_for_absent()
    {
        var handler = new StubHandler(call => call.Path.Contains("after", StringComparison.Ordinal)
            ? AsJson("", 502)
            : AsJson(Page(true, Item("b1", Start + 1, "x"))));
        await Make.Failure(() => Make.Provider(handler).FindAsync(Request(), default));
    }

    private static FindRequest Request(params (string Name, string Value)[] journal) => new(
        Make.Batch(journal) with { EntryCount = 1 }, DateTimeOffset.FromUnixTimeSeconds(Start).AddMilliseconds(700));

    private static Task<FindResult> Find(string list, params (string Name, string Value)[] state) =>
        Make.Provider(_ => AsJson(list)).FindAsync(Request(state), default);

    private static string Page(bool more, params string[] items) =>
        $$"""{"object":"list","data":[{{string.Join(',', items)}}],"has_more":{{(more ? "true" : "false")}}}""";

    private static string Item(string id, long createdAt, string key) =>
        $$$"""{"id":"{{{id}}}","created_at":{{{createdAt}}},"metadata":{"offpeak_submission_key":"{{{key}}}"}}""";
}
