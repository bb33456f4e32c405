using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests;

public class FollowUpTests
{
    [Theory]
    [InlineData(200, """{"status":"cancelling"}""")]
    [InlineData(409, """{"error":{"message":"Cannot cancel a batch with status 'completed'."}}""")]
    [InlineData(400, """{"error":{"message":"Cannot cancel a batch with status 'completed'."}}""")]
    [InlineData(400, """{"error":"The batch is already cancelled"}""")]
    public async Task Cancel_of_a_running_or_terminal_batch_is_fine(int status, string body)
    {
        var handler = new StubHandler(_ => AsJson(body, status));
        await Make.Provider(handler).CancelAsync(Make.Batch(), default);
        Assert.Equal("POST /v1/batches/batch_1/cancel", Assert.Single(handler.Calls).ToString());
    }

    [Theory]
    [InlineData(400, "refused")]
    [InlineData(401, "unauthorized")]
    [InlineData(404, "not_found")]
    [InlineData(429, "rate_limited")]
    [InlineData(500, "transient")]
    public async Task Cancel_reports_other_failures(int status, string expected)
    {
        var provider = Make.Provider(_ => AsJson("""{"error":{"message":"failed to parse"}}""", status));
        Assert.Equal(expected, (await Make.Failure(() => provider.CancelAsync(Make.Batch(), default))).Class.Value);
    }

    [Fact]
    public async Task Clean_up_deletes_every_known_file_and_tolerates_missing_ones()
    {
        var handler = new StubHandler(call => AsJson("{}", call.Path.EndsWith('o') ? 404 : 200));
        await Make.Provider(handler).CleanUpAsync(Make.Batch(("input_file_id", "i"), ("output_file_id", "o"), ("error_file_id", "e")), default);
        Assert.Equal(["DELETE /v1/files/i", "DELETE /v1/files/o", "DELETE /v1/files/e"], handler.Calls.Select(call => call.ToString()));
    }

    [Fact]
    public async Task Clean_up_goes_on_after_a_failure_and_reports_it()
    {
        var handler = new StubHandler(call => AsJson("{}", call.Path.EndsWith('i') ? 500 : 200));
        var batch = Make.Batch(("input_file_id", "i"), ("error_file_id", "e"));
        var failure = await Make.Failure(() => Make.Provider(handler).CleanUpAsync(batch, default));
        Assert.Equal(ProviderErrorClass.Transient, failure.Class);
        Assert.Equal(2, handler.Calls.Count);
    }

    [Fact]
    public async Task Clean_up_without_files_calls_nobody()
    {
        var handler = new StubHandler(_ => throw new InvalidOperationException());
        await Make.Provider(handler).CleanUpAsync(Make.Batch(), default);
        Assert.Empty(handler.Calls);
    }
}
