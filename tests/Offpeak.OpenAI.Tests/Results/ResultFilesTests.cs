using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests.Results;

public class ResultFilesTests
{
    private static readonly string[] Lines =
    [
        """{"custom_id":"op-test-1","response":{"status_code":200,"body":{"model":"m","choices":[{"message":{"content":"é 😀 \\ \" \n"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}},"error":null}""",
        """{"custom_id":"op-test-2","response":null,"error":{"code":"batch_expired","message":"late"}}""",
        """{"custom_id":"op-test-3","response":{"status_code":500,"body":{"error":{"message":"oops","code":null}}},"error":null}""",
    ];

    [Fact]
    public async Task Reads_the_output_file_then_the_error_file_with_running_numbers()
    {
        var handler = new StubHandler(call => Bytes(Encoding.UTF8.GetBytes(
            call.Path == "/v1/files/o/content" ? Lines[0] + "\n" : Lines[1] + "\n\n" + Lines[2])));
        var results = await Read(Make.Provider(handler), ("output_file_id", "o"), ("error_file_id", "e"));

        Assert.Equal(["GET /v1/files/o/content", "GET /v1/files/e/content"], handler.Calls.Select(call => call.ToString()));
        Assert.Equal(["op-test-1", "op-test-2", "op-test-3"], results.Select(result => result.WireId));
        Assert.Equal([1, 2, 4], results.Select(result => result.Line));
    }

    [Fact]
    public async Task Asks_for_the_file_ids_when_none_is_remembered()
    {
        var handler = new StubHandler(call => call.Path == "/v1/batches/batch_1"
            ? AsJson("""{"status":"expired","output_file_id":null,"error_file_id":"e"}""")
            : Bytes(Encoding.UTF8.GetBytes(Lines[1])));
        var result = Assert.Single(await Read(Make.Provider(handler)));
        Assert.Equal(ProviderResultKind.Expired, result.Kind);
    }

    [Fact]
    public async Task A_batch_without_files_has_no_results() =>
        Assert.Empty(await Read(Make.Provider(_ => AsJson("""{"status":"cancelled"}"""))));

    [Fact]
    public async Task Empty_files_are_fine() =>
        Assert.Empty(await Read(Make.Provider(_ => Bytes([])), ("output_file_id", "o"), ("error_file_id", "e")));

    [Theory]
    [InlineData(404, "not_found")]
    [InlineData(410, "not_found")]
    [InlineData(401, "unauthorized")]
    [InlineData(429, "rate_limited")]
    [InlineData(500, "transient")]
    public async Task A_file_that_cannot_be_had_gets_its_class(int status, string expected)
    {
        var provider = Make.Provider(_ => AsJson("""{"error":{"message":"No such File object: o"}}""", status));
        Assert.Equal(expected, (await Make.Failure(() => Read(provider, ("output_file_id", "o")))).Class.Value);
    }

    [Fact]
    public async Task Byte_order_mark_and_carriage_returns_are_tolerated()
    {
        var content = "\uFEFF" + Lines[0] + "\r\n" + Lines[1] + "\r\n";
        var results = await Read(Make.Provider(_ => Bytes(Encoding.UTF8.GetBytes(content))), ("output_file_id", "o"));
        Assert.Equal(["op-test-1", "op-test-2"], results.Select(result => result.WireId));
    }

    /// <summary>A file cut anywhere gives whole lines as they are and at most one malformed last line, never another answer.</summary>
    [Fact]
    public async Task A_file_cut_at_any_byte_never_misapplies_a_line()
    {
        var content = Encoding.UTF8.GetBytes(string.Join('\n', Lines) + "\n");
        var whole = await Read(Make.Provider(_ => Bytes(content)), ("output_file_id", "o"));
        for (var cut = 0; cut <= content.Length; cut++)
        {
            var part = content[..cut];
            var results = await Read(Make.Provider(_ => Bytes(part)), ("output_file_id", "o"));
            for (var i = 0; i < results.Count; i++)
            {
                if (results[i].Kind == ProviderResultKind.Malformed)
                    Assert.Equal(results.Count - 1, i);
                else
                    AssertSame(whole[i], results[i]);
            }

            Assert.InRange(results.Count, part.Count(b => b == '\n'), part.Count(b => b == '\n') + 1);
        }
    }

    [Fact]
    public async Task A_download_cut_off_by_the_server_is_transient_after_the_whole_lines()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 10_000;
            await context.Response.WriteAsync(Lines[0] + "\n" + Lines[1][..20]);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        var seen = new List<ProviderResult>();
        var failure = await Make.Failure(async () =>
        {
            await foreach (var result in provider.ReadResultsAsync(Make.Batch(("output_file_id", "o")), default))
                seen.Add(result);
        });
        Assert.Equal(ProviderErrorClass.Transient, failure.Class);
        Assert.All(seen, result => Assert.NotEqual(ProviderResultKind.Malformed, result.Kind));
    }

    [Fact]
    public async Task A_redirected_download_is_refused_and_no_key_leaves()
    {
        await using var elsewhere = await LocalServer.StartAsync((context, _) => context.Response.WriteAsync(Lines[0]));
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(elsewhere.Url);
            return Task.CompletedTask;
        });
        var provider = Make.Provider(configure: options => options.BaseUrl = server.Url);
        Assert.Equal(ProviderErrorClass.Refused, (await Make.Failure(() => Read(provider, ("output_file_id", "o")))).Class);
        Assert.Empty(elsewhere.Calls);
    }

    [Fact]
    public async Task A_silent_download_ends_by_the_clock_and_progress_starts_it_anew()
    {
        var time = new FakeTimeProvider();
        var stream = new GatedStream();
        var provider = Make.Provider(
            new StubHandler(_ => new HttpResponseMessage { Content = new StreamContent(stream) }), time,
            options => options.TransferIdleTimeout = TimeSpan.FromSeconds(100));
        await using var results = provider.ReadResultsAsync(Make.Batch(("output_file_id", "o")), default).GetAsyncEnumerator();

        for (var i = 0; i < 3; i++)
        {
            var moving = results.MoveNextAsync();
            time.Advance(TimeSpan.FromSeconds(90));
            stream.Offer(Encoding.UTF8.GetBytes(Lines[i] + "\n"));
            Assert.True(await moving);
        }

        var silent = results.MoveNextAsync();
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(ProviderErrorClass.Transient, (await Make.Failure(async () => await silent)).Class);
    }

    [Fact]
    public async Task Cancelling_a_download_surfaces_as_such()
    {
        using var cancel = new CancellationTokenSource();
        var provider = Make.Provider(new StubHandler(_ => new HttpResponseMessage { Content = new StreamContent(new GatedStream()) }));
        var reading = provider.ReadResultsAsync(Make.Batch(("output_file_id", "o")), cancel.Token).ToListAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    private static void AssertSame(ProviderResult expected, ProviderResult actual)
    {
        Assert.Equal(expected with { Body = default }, actual with { Body = default });
        Assert.True(expected.Body.Span.SequenceEqual(actual.Body.Span));
    }

    private static async Task<List<ProviderResult>> Read(OpenAIBatchProvider provider, params (string Name, string Value)[] state) =>
        await provider.ReadResultsAsync(Make.Batch(state), default).ToListAsync();
}
