using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.OpenAI.Tests.Dialects;

/// <summary>What single servers do otherwise, as it is sent and read.</summary>
public class AccentTests
{
    [Theory]
    [InlineData("https://r.openai.azure.com/", null, "https://r.openai.azure.com/openai/v1/batches", "/v1/chat/completions")]
    [InlineData("https://r.openai.azure.com/openai/v1/", null, "https://r.openai.azure.com/openai/v1/batches", "/v1/chat/completions")]
    [InlineData("https://r.openai.azure.com", "2024-10-21", "https://r.openai.azure.com/openai/batches?api-version=2024-10-21", "/chat/completions")]
    public async Task Azure_takes_its_own_header_and_both_forms_of_address(string endpoint, string? version, string url, string path)
    {
        var sent = new List<HttpRequestMessage>();
        var calls = new List<string>();
        var handler = new Recording(sent, calls);
        var provider = new OpenAIBatchProvider(
            new OpenAIOptions { Dialect = ServerDialect.Azure, BaseUrl = endpoint, ApiVersion = version, ApiKey = Make.Key }, null, handler);
        await provider.SubmitAsync(Make.Shard("{}"), default);

        Assert.Equal(url, sent[1].RequestUri!.ToString());
        Assert.All(sent, request => Assert.Equal(Make.Key, request.Headers.GetValues("api-key").Single()));
        Assert.All(sent, request => Assert.Null(request.Headers.Authorization));
        Assert.Contains($"\"url\":\"{path}\"", calls[0]);
        Assert.Contains($"\"endpoint\":\"{path}\"", calls[1]);
        Assert.Null(provider.Capabilities.MaxAge);
    }

    [Fact]
    public async Task Azures_empty_error_file_is_no_result()
    {
        await using var bench = await DialectBench.StartAsync("azure");
        var batch = await bench.EndAsync(await bench.SubmitAsync(2));
        Assert.NotNull(batch.Journal["error_file_id"]);
        Assert.Equal(2, (await bench.ResultsAsync(batch)).Count);
    }

    [Theory]
    [InlineData("24h", 26)]
    [InlineData("7d", 170)]
    public async Task Groqs_window_is_sent_and_waited_for(string window, int hours)
    {
        await using var bench = await DialectBench.StartAsync("groq", options => options.CompletionWindow = window);
        await bench.EndAsync(await bench.SubmitAsync(1));
        Assert.Equal(TimeSpan.FromHours(hours), bench.Provider.Capabilities.MaxAge);
        Assert.Equal(0.75m, bench.Provider.Capabilities.PriceFactor);
    }

    [Fact]
    public async Task Together_gets_bare_lines_its_purpose_and_no_metadata()
    {
        var handler = new StubHandler(call => AsJson(call.Path.EndsWith("upload", StringComparison.Ordinal) ? """{"id":"file-1"}""" : """{"job":{"id":"b"}}"""));
        await Make.Provider(handler, configure: options => options.Dialect = ServerDialect.Together).SubmitAsync(Make.Shard("{}"), default);
        Assert.Equal(["POST /v1/files/upload", "POST /v1/batches"], handler.Calls.Select(call => call.ToString()));
        Assert.Contains("\r\n{\"custom_id\":\"op-test-1\",\"body\":{}}\n\r\n", handler.Calls[0].Text);
        Assert.Contains("name=\"purpose\"\r\n\r\nbatch-api\r\n", handler.Calls[0].Text);
        Assert.Contains("name=\"file_name\"\r\n\r\nop-test.jsonl\r\n", handler.Calls[0].Text);
        Assert.Equal("""{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}""", handler.Calls[1].Text);
    }

    [Fact]
    public async Task Mistral_gets_a_job_and_bodies_in_its_names()
    {
        var handler = new StubHandler(call => AsJson("""{"id":"j-1","status":"QUEUED"}"""));
        var provider = Make.Provider(handler, configure: options => (options.Dialect, options.CompletionWindow) = (ServerDialect.Mistral, "2d"));
        var receipt = await provider.SubmitAsync(Make.Shard("{}"), default);
        Assert.Equal("j-1", receipt.ProviderBatchId);
        Assert.Equal("POST /v1/batch/jobs", handler.Calls[1].ToString());
        Assert.Equal(
            """{"input_files":["j-1"],"endpoint":"/v1/chat/completions","model":"gpt-test","timeout_hours":48,"metadata":{"offpeak_submission_key":"op-test"}}""",
            handler.Calls[1].Text);
        var body = Encoding.UTF8.GetString(provider.Codec.Encode(
            "mistral-small", BatchEndpoint.Chat, [new(ChatRole.User, "hi")], new() { MaxOutputTokens = 5, Seed = 7 }));
        Assert.Equal("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":5,"random_seed":7}""", Sorted(body));
    }

    [Fact]
    public async Task Mistrals_results_are_read_from_the_job_when_there_is_no_file()
    {
        await using var bench = await DialectBench.StartAsync("mistral");
        var batch = await bench.SubmitAsync(4);
        bench.Emulator.Faults.Add(Fault.Patch(EmulatorOperation.GetBatch, """{"output_file":null,"error_file":null}""") with { Times = null });
        batch = await bench.EndAsync(batch);
        Assert.Equal(4, (await bench.ResultsAsync(batch)).Count(result => result.Kind == ProviderResultKind.Succeeded));
        Assert.DoesNotContain(bench.Emulator.Requests, request => request.Operation == EmulatorOperation.DownloadFile);
    }

    [Fact]
    public async Task OpenRouter_gets_one_document_with_the_requests_at_its_end()
    {
        var handler = new StubHandler(_ => AsJson("""{"id":"b","status":"validating"}""", 202));
        var submission = Make.Shard("""{"a":1}""", "{}");
        await Make.Provider(handler, configure: options => options.Dialect = ServerDialect.OpenRouter).SubmitAsync(submission, default);
        var call = Assert.Single(handler.Calls);
        Assert.Equal(
            """{"endpoint":"/v1/chat/completions","model":"gpt-test","completion_window":"24h","requests":[{"custom_id":"op-test-1","body":{"a":1}},{"custom_id":"op-test-2","body":{}}]}""",
            call.Text);
        Assert.Equal(call.Body.Length, call.ContentLength);
        Assert.Equal(["begin"], submission.Log);
    }

    [Fact]
    public async Task OpenRouters_costs_are_reported_and_its_batches_are_not_cancelled()
    {
        await using var bench = await DialectBench.StartAsync("openrouter");
        var batch = await bench.SubmitAsync(2);
        await bench.Provider.CancelAsync(batch, default);
        Assert.DoesNotContain(bench.Emulator.Requests, request => request.Operation == EmulatorOperation.CancelBatch);
        var running = await Make.Failure(() => bench.Provider.CleanUpAsync(batch, default));
        Assert.Equal(409, running.StatusCode);
        batch = await bench.EndAsync(batch);
        Assert.All(await bench.ResultsAsync(batch), result =>
            Assert.Equal((result.Usage!.InputTokens + (result.Usage.OutputTokens * 4)) / 1_000_000m, result.ReportedCost));
    }

    [Fact]
    public async Task OpenRouters_lost_batch_is_told_by_its_results_and_by_nothing_before()
    {
        await using var bench = await DialectBench.StartAsync("openrouter");
        var shard = DialectBench.Shard(bench.Provider, 3, model: "gpt-test");
        Assert.Equal(FindOutcome.Absent, (await bench.FindAsync(shard)).Outcome);
        await bench.SubmitAsync(3, "op-before");
        bench.Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => bench.SubmitAsync(shard))).Class);

        Assert.Equal(FindOutcome.Unknown, (await bench.FindAsync(shard)).Outcome);
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([bench.Emulator.Batches[1].Id], (await bench.FindAsync(shard)).ProviderBatchIds);
        var other = DialectBench.Shard(bench.Provider, 3, "op-never", "gpt-test");
        Assert.Equal(FindOutcome.Absent, (await bench.FindAsync(other)).Outcome);
    }

    private static string Sorted(string json)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        var names = (string[])["messages", "max_tokens", "random_seed"];
        Assert.Equal(names.Order(), body.Select(field => field.Key).Order());
        return new JsonObject(names.Select(name => KeyValuePair.Create(name, body[name]?.DeepClone()))).ToJsonString();
    }

    private sealed class Recording(List<HttpRequestMessage> sent, List<string> bodies) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add(request);
            bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return AsJson("""{"id":"x","status":"processed"}""");
        }
    }
}
