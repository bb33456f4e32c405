using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.XAI;

/// <summary>What an xAI client sees, call by call.</summary>
public sealed class XAIBatchTests
{
    [Fact]
    public async Task An_empty_batch_is_filled_and_answers_come_while_it_runs()
    {
        await using var bench = await Bench.StartAsync();
        var id = await CreateAsync(bench, """{"name":"k-1"}""");
        var empty = await BatchAsync(bench, id);
        Assert.Equal(("k-1", "2026-05-01", "2026-05-31", 0), ((string?)empty["name"], (string?)empty["create_time"], (string?)empty["expire_time"], Count(empty, "num_requests")));
        Assert.Null(empty["cancel_time"]);

        using var added = await AppendAsync(bench, id, Request("a"), Request("b", "responses", "input"));
        Assert.Equal("null", await added.Content.ReadAsStringAsync());
        Assert.Equal((2, 2, 0), Counts(await BatchAsync(bench, id)));
        bench.Clock.Advance(TimeSpan.FromMinutes(52));
        Assert.Equal((2, 1, 1), Counts(await BatchAsync(bench, id)));
        Assert.Single((await ResultsAsync(bench, id))["results"]!.AsArray());
        bench.Clock.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal((2, 0, 2), Counts(await BatchAsync(bench, id)));

        await AppendAsync(bench, id, Request("c"));
        Assert.Equal((3, 1, 2), Counts(await BatchAsync(bench, id)));
    }

    [Fact]
    public async Task A_responses_request_is_answered_as_a_chat_completion_with_its_cost()
    {
        await using var bench = await Bench.StartAsync();
        var id = await CreateAsync(bench, "{}");
        await AppendAsync(bench, id, Request("r", "responses", "input"));
        bench.Clock.Advance(TimeSpan.FromMinutes(200));
        var body = (await ResultsAsync(bench, id))["results"]![0]!["batch_result"]!["response"]!["chat_get_completion"]!;
        Assert.Equal("chat.completion", (string?)body["object"]);
        Assert.True((long)body["usage"]!["cost_in_usd_ticks"]! > 0);
    }

    [Fact]
    public async Task The_same_question_gets_openais_answer_in_a_batch_and_in_a_call()
    {
        await using var bench = await Bench.StartAsync();
        var body = JsonNode.Parse("""{"model":"m","messages":[{"role":"user","content":"Where is my parcel?"}]}""");
        var texts = new List<string>();
        foreach (var path in (string[])["v1/chat/completions", "xai/v1/chat/completions"])
        {
            using var answer = await bench.Http.PostAsJsonAsync(path, body);
            texts.Add((string)(await Bench.ReadAsync(answer))["choices"]![0]!["message"]!["content"]!);
        }

        var id = await CreateAsync(bench, "{}");
        await AppendAsync(bench, id, Request("a"));
        bench.Clock.Advance(TimeSpan.FromMinutes(200));
        texts.Add((string)(await ResultsAsync(bench, id))["results"]![0]!["batch_result"]!["response"]!["chat_get_completion"]!["choices"]![0]!["message"]!["content"]!);
        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task A_file_is_read_in_time_and_a_bad_line_gives_the_batch_up()
    {
        await using var bench = await Bench.StartAsync();
        var good = await CreateFromFileAsync(bench, Bench.Lines(4));
        var bad = await CreateFromFileAsync(bench, Bench.Line("a") + "\n{}");
        Assert.Equal((0, 0, 0), Counts(await BatchAsync(bench, good)));
        bench.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((4, 4, 0), Counts(await BatchAsync(bench, good)));
        var refused = await BatchAsync(bench, bad);
        Assert.Contains("line 2", (string?)refused["cancel_by_xai_message"]);
        Assert.Equal((0, 0, 0), Counts(refused));
        using var sealedAnswer = await AppendAsync(bench, good, Request("z"));
        Assert.Equal(HttpStatusCode.BadRequest, sealedAnswer.StatusCode);
    }

    [Fact]
    public async Task A_cancel_settles_after_its_time_and_names_what_it_stopped()
    {
        await using var bench = await Bench.StartAsync();
        var id = await CreateAsync(bench, "{}");
        await AppendAsync(bench, id, [.. Enumerable.Range(1, 10).Select(i => Request($"r{i}"))]);
        bench.Clock.Advance(TimeSpan.FromMinutes(31));
        await bench.Http.PostAsync($"xai/v1/batches/{id}:cancel", null);
        var cancelling = await BatchAsync(bench, id);
        Assert.Equal("2026-05-01", (string?)cancelling["cancel_time"]);
        Assert.Equal((10, 7, 3), Counts(cancelling));
        bench.Clock.Advance(TimeSpan.FromMinutes(6));
        var cancelled = await BatchAsync(bench, id);
        Assert.Equal(((10, 0, 3), 7), (Counts(cancelled), Count(cancelled, "num_cancelled")));
        Assert.Equal(7, (await ResultsAsync(bench, id))["results"]!.AsArray().Count(item => (int?)item!["batch_result"]!["error"]?["code"] == 1));
    }

    [Theory]
    [InlineData(DuplicateRequests.Ignore, 200, 2)]
    [InlineData(DuplicateRequests.SecondCopy, 200, 4)]
    [InlineData(DuplicateRequests.Refuse, 400, 2)]
    public async Task What_a_second_copy_does_can_be_chosen(DuplicateRequests mode, int status, int requests)
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { Providers = [new EmulatedXAI { Duplicates = mode }] });
        var id = await CreateAsync(bench, "{}");
        await AppendAsync(bench, id, Request("a"), Request("b"));
        using var again = await AppendAsync(bench, id, Request("a"), Request("b"));
        Assert.Equal(status, (int)again.StatusCode);
        Assert.Equal(requests, Count(await BatchAsync(bench, id), "num_requests"));
    }

    [Fact]
    public async Task Lists_are_cut_into_pages()
    {
        await using var bench = await Bench.StartAsync();
        var id = await CreateAsync(bench, "{}");
        await AppendAsync(bench, id, [.. Enumerable.Range(1, 5).Select(i => Request($"r{i}"))]);
        await CreateAsync(bench, "{}");
        bench.Clock.Advance(TimeSpan.FromMinutes(200));
        foreach (var (path, name, total) in ((string, string, int)[])[
            ($"xai/v1/batches/{id}/requests", "batch_request_metadata", 5), ($"xai/v1/batches/{id}/results", "results", 5), ("xai/v1/batches", "batches", 2)])
        {
            var (read, token) = (0, (string?)"");
            for (var pages = 0; token is not null; pages++)
            {
                Assert.True(pages < 4);
                var page = await bench.GetAsync($"{path}?limit=2" + (token == "" ? "" : $"&pagination_token={token}"));
                read += page[name]!.AsArray().Count;
                token = (string?)page["pagination_token"];
            }

            Assert.Equal(total, read);
        }
    }

    [Theory]
    [InlineData("""{"batch_requests":[]}""")]
    [InlineData("""{"batch_requests":[{"batch_request_id":"a","batch_request":{"unheard_of":{"model":"m"}}}]}""")]
    [InlineData("""{"batch_requests":[{"batch_request_id":"a","batch_request":{"chat_get_completion":{}}}]}""")]
    [InlineData("nonsense")]
    public async Task A_call_with_a_bad_request_adds_nothing(string body)
    {
        await using var bench = await Bench.StartAsync();
        var id = await CreateAsync(bench, "{}");
        using var answer = await bench.Http.PostAsync($"xai/v1/batches/{id}/requests", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, Count(await BatchAsync(bench, id), "num_requests"));
    }

    [Fact]
    public async Task Keys_are_checked_in_xais_way()
    {
        await using var bench = await Bench.StartAsync(Bench.Slow with { ApiKey = "other" });
        Assert.Equal(HttpStatusCode.BadRequest, (await bench.Http.GetAsync("xai/v1/batches")).StatusCode);
        bench.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await bench.Http.GetAsync("xai/v1/batches")).StatusCode);
    }

    private static JsonObject Request(string id, string kind = "chat_get_completion", string list = "messages") => new()
    {
        ["batch_request_id"] = id,
        ["batch_request"] = new JsonObject
        {
            [kind] = new JsonObject
            {
                ["model"] = "m",
                [list] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Where is my parcel?" }),
            },
        },
    };

    private static async Task<string> CreateAsync(Bench bench, string body)
    {
        using var answer = await bench.Http.PostAsync("xai/v1/batches", new StringContent(body));
        answer.EnsureSuccessStatusCode();
        return (string)(await Bench.ReadAsync(answer))["batch_id"]!;
    }

    private static async Task<string> CreateFromFileAsync(Bench bench, string content)
    {
        using var form = new MultipartFormDataContent { { new StringContent(content), "file", "in.jsonl" } };
        using var uploaded = await bench.Http.PostAsync("xai/v1/files", form);
        uploaded.EnsureSuccessStatusCode();
        return await CreateAsync(bench, new JsonObject { ["input_file_id"] = (string?)(await Bench.ReadAsync(uploaded))["id"] }.ToJsonString());
    }

    private static Task<HttpResponseMessage> AppendAsync(Bench bench, string id, params JsonObject[] requests) =>
        bench.Http.PostAsJsonAsync($"xai/v1/batches/{id}/requests", new JsonObject { ["batch_requests"] = new JsonArray([.. requests]) });

    private static Task<JsonNode> BatchAsync(Bench bench, string id) => bench.GetAsync($"xai/v1/batches/{id}");

    private static Task<JsonNode> ResultsAsync(Bench bench, string id) => bench.GetAsync($"xai/v1/batches/{id}/results");

    private static (int Total, int Pending, int Succeeded) Counts(JsonNode batch) =>
        (Count(batch, "num_requests"), Count(batch, "num_pending"), Count(batch, "num_success"));

    private static int Count(JsonNode batch, string name) => (int)batch["state"]![name]!;
}
