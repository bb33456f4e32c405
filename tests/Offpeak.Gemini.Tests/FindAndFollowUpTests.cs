using Offpeak.Gemini.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Gemini.Tests;

public class FindAndFollowUpTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Finds_every_batch_of_the_name_oldest_first_on_any_page()
    {
        var handler = new StubHandler(call => AsJson(call.Path switch
        {
            "/v1beta/batches?pageSize=100" => $$"""{"operations":[{{Item("b3", 30)}},{{Item("b2", 20, "op-other")}}],"nextPageToken":"a/b="}""",
            "/v1beta/batches?pageSize=100&pageToken=a%2Fb%3D" => $$"""{"operations":[{{Item("b1", 10)}},{{Item("b0", -1)}}]}""",
            _ => throw new InvalidOperationException(call.Path),
        }));
        var found = await Make.Provider(handler).FindAsync(Request(), default);
        Assert.Equal(["batches/b1", "batches/b3"], found.ProviderBatchIds);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"operations":[]}""")]
    [InlineData("""{"operations":[{"name":"batches/x"},{"metadata":{"displayName":"op-test"}},7]}""")]
    public async Task A_list_without_the_name_means_absent(string page) =>
        Assert.Equal(FindOutcome.Absent, (await Make.Provider(_ => AsJson(page)).FindAsync(Request(), default)).Outcome);

    [Fact]
    public async Task A_batch_without_a_creation_time_may_be_the_one() => Assert.Equal(
        ["batches/x"],
        (await Make.Provider(_ => AsJson("""{"operations":[{"name":"batches/x","metadata":{"displayName":"op-test"}}]}""")).FindAsync(Request(), default)).ProviderBatchIds);

    [Fact]
    public async Task Pages_that_go_in_circles_prove_nothing() => Assert.Equal(
        FindOutcome.Unknown, (await Make.Provider(_ => AsJson("""{"nextPageToken":"same"}""")).FindAsync(Request(), default)).Outcome);

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"operations":{}}""")]
    [InlineData("""{"error":{"code":500}}""")]
    public async Task A_list_that_cannot_be_read_proves_nothing(string page) => Assert.Equal(
        ProviderErrorClass.Unexpected, (await Make.Failure(() => Make.Provider(_ => AsJson(page)).FindAsync(Request(), default))).Class);

    [Fact]
    public async Task Cancel_posts_an_empty_object()
    {
        var handler = new StubHandler(_ => AsJson("{}"));
        await Make.Provider(handler).CancelAsync(Make.Batch(), default);
        var call = Assert.Single(handler.Calls);
        Assert.Equal(("POST /v1beta/batches/b1:cancel", "{}"), (call.ToString(), call.Text));
    }

    [Theory]
    [InlineData(400, """{"error":{"code":400,"message":"x","status":"FAILED_PRECONDITION"}}""")]
    [InlineData(400, """{"error":{"code":400,"message":"The batch has already ended.","status":"INVALID_ARGUMENT"}}""")]
    [InlineData(409, "")]
    public async Task A_batch_that_has_ended_needs_no_cancel(int status, string body) =>
        await Make.Provider(_ => AsJson(body, status)).CancelAsync(Make.Batch(), default);

    [Fact]
    public async Task Clean_up_tries_both_and_reports_the_first_failure()
    {
        var handler = new StubHandler(call => AsJson("{}", call.Path.Contains("files") ? 500 : 429));
        var failure = await Make.Failure(() => Make.Provider(handler).CleanUpAsync(Make.Batch(("input_file", "files/in"), ("output_file", "files/batch-b1")), default));
        Assert.Equal(500, failure.StatusCode);
        Assert.Equal(["DELETE /v1beta/files/in", "DELETE /v1beta/batches/b1"], handler.Calls.Select(call => call.ToString()));
    }

    [Theory]
    [InlineData(404, "{}")]
    [InlineData(403, """{"error":{"message":"You do not have permission to access the File in or it may not exist."}}""")]
    public async Task What_is_gone_needs_no_clean_up(int status, string body) =>
        await Make.Provider(_ => AsJson(body, status)).CleanUpAsync(Make.Batch(("input_file", "files/in")), default);

    [Fact]
    public async Task Ids_cannot_lead_elsewhere()
    {
        var handler = new StubHandler(_ => AsJson("{}"));
        await Make.Provider(handler).GetStatusAsync(Make.Batch() with { ProviderBatchId = "batches/b?x#y" }, default);
        await Make.Provider(handler).GetStatusAsync(Make.Batch() with { ProviderBatchId = "b9" }, default);
        await Make.Provider(handler).GetStatusAsync(Make.Batch() with { ProviderBatchId = "batches/../../evil" }, default);
        Assert.Equal(["/v1beta/batches/b%3Fx%23y", "/v1beta/batches/b9", "/v1beta/batches/evil"], handler.Calls.Select(call => call.Path));
    }

    private static FindRequest Request() => new(Make.Batch() with { EntryCount = 1 }, Start);

    private static string Item(string id, int seconds, string name = "op-test") =>
        $$$"""{"name":"batches/{{{id}}}","metadata":{"displayName":"{{{name}}}","createTime":"{{{Start.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ss}}}.267870162Z","state":"BATCH_STATE_RUNNING"}}""";
}
