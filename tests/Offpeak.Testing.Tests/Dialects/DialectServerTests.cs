using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Dialects;

/// <summary>What the servers with an accent accept, refuse and answer, call by call.</summary>
public sealed class DialectServerTests
{
    private const string BareLine = """{"custom_id":"a","body":{"model":"m","messages":[{"role":"user","content":"Where is my parcel?"}]}}""";

    [Fact]
    public async Task Azure_takes_its_own_header_only_and_dates_in_words_on_its_dated_addresses()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await bench.Http.GetAsync("azure/openai/v1/batches")).StatusCode);
        bench.Http.DefaultRequestHeaders.Add("api-key", "k");
        Assert.Equal(HttpStatusCode.NotFound, (await bench.Http.GetAsync("azure/openai/batches")).StatusCode);
        const string version = "?api-version=2024-10-21";
        var file = await UploadAsync(bench, "azure/openai/files" + version, Bench.Line("a").Replace("/v1/chat", "/chat", StringComparison.Ordinal));
        Assert.Equal("pending", (string?)file["status"]);
        Assert.Equal("processed", (string?)(await bench.GetAsync($"azure/openai/files/{file["id"]}{version}"))["status"]);
        var batch = await PostAsync(bench, "azure/openai/batches" + version, FileBatch(file, "/chat/completions"));
        Assert.Equal("2026-05-01T12:00:00Z", (string?)batch["created_at"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));
        var ended = (await bench.GetAsync("azure/openai/batches" + version))["value"]![0]!;
        Assert.Equal("Completed", (string?)ended["status"]);
        Assert.NotNull(ended["output_file_id"]);
        Assert.NotNull(ended["error_file_id"]);
    }

    [Theory]
    [InlineData("7d", "/v1/chat/completions", HttpStatusCode.OK)]
    [InlineData("8d", "/v1/chat/completions", HttpStatusCode.BadRequest)]
    [InlineData("24h", "/v1/embeddings", HttpStatusCode.BadRequest)]
    public async Task Groq_takes_windows_of_up_to_a_week_and_chats_only(string window, string endpoint, HttpStatusCode status)
    {
        await using var bench = await Bench.StartAsync();
        var file = await UploadAsync(bench, "groq/openai/v1/files", Bench.Line("a"));
        using var answer = await bench.Http.PostAsJsonAsync("groq/openai/v1/batches", FileBatch(file, endpoint, window));
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Together_wraps_the_job_lists_bare_and_knows_no_metadata()
    {
        await using var bench = await Bench.StartAsync();
        var file = await UploadAsync(bench, "together/v1/files/upload", BareLine, "batch-api");
        var body = FileBatch(file, "/v1/chat/completions");
        var job = (await PostAsync(bench, "together/v1/batches", body))["job"]!;
        Assert.Equal("VALIDATING", (string?)job["status"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));
        Assert.Equal("COMPLETED", (string?)(await bench.GetAsync("together/v1/batches")).AsArray()[0]!["status"]);
        body["metadata"] = new JsonObject();
        Assert.Equal(HttpStatusCode.BadRequest, (await bench.Http.PostAsJsonAsync("together/v1/batches", body)).StatusCode);
    }

    [Fact]
    public async Task Mistral_runs_jobs_whose_model_stands_beside_the_lines()
    {
        await using var bench = await Bench.StartAsync();
        var file = await UploadAsync(bench, "mistral/v1/files", BareLine.Replace("\"model\":\"m\",", "", StringComparison.Ordinal));
        var body = new JsonObject
        {
            ["input_files"] = new JsonArray((string)file["id"]!),
            ["endpoint"] = "/v1/chat/completions",
            ["model"] = "mistral-small",
            ["metadata"] = new JsonObject { ["k"] = "42" },
            ["timeout_hours"] = 24,
        };
        var job = await PostAsync(bench, "mistral/v1/batch/jobs", body);
        Assert.Equal(("QUEUED", 0, "42"), ((string?)job["status"], (int?)job["total_requests"], (string?)job["metadata"]!["k"]));
        bench.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("RUNNING", (string?)(await bench.GetAsync($"mistral/v1/batch/jobs/{job["id"]}"))["status"]);
        bench.Clock.Advance(TimeSpan.FromMinutes(60));
        var ended = await bench.GetAsync($"mistral/v1/batch/jobs/{job["id"]}?inline=true");
        Assert.Equal(("SUCCESS", 1), ((string?)ended["status"], ended["outputs"]!.AsArray().Count));
        Assert.Equal("mistral-small", (string?)ended["outputs"]![0]!["response"]!["body"]!["model"]);
        Assert.Equal(1, (int?)(await bench.GetAsync("mistral/v1/batch/jobs?page=0&page_size=5"))["total"]);
        body["completion_window"] = "24h";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await bench.Http.PostAsJsonAsync("mistral/v1/batch/jobs", body)).StatusCode);
        (await bench.Http.DeleteAsync($"mistral/v1/batch/jobs/{job["id"]}")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await bench.Http.GetAsync($"mistral/v1/batch/jobs/{job["id"]}")).StatusCode);
    }

    [Fact]
    public async Task OpenRouter_reads_in_order_answers_202_and_deletes_only_what_has_ended()
    {
        await using var bench = await Bench.StartAsync();
        var requests = $"\"requests\":[{BareLine}]";
        const string head = "\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\"";
        using var late = await bench.Http.PostAsync("openrouter/api/v1/batches", new StringContent($"{{{requests},{head}}}"));
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Contains("must appear before", await late.Content.ReadAsStringAsync());

        using var created = await bench.Http.PostAsync("openrouter/api/v1/batches", new StringContent($"{{{head},{requests}}}"));
        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        var path = "openrouter/api/v1/batches/" + (string?)(await Bench.ReadAsync(created))["id"];
        Assert.Null((await bench.GetAsync(path))["results"]);
        Assert.Equal(HttpStatusCode.Conflict, (await bench.Http.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bench.Http.PostAsync(path + "/cancel", null)).StatusCode);
        bench.Clock.Advance(TimeSpan.FromMinutes(103));
        var ended = await bench.GetAsync(path);
        Assert.True((decimal)ended["results"]![0]!["response"]!["body"]!["usage"]!["cost"]! > 0);
        Assert.Equal((decimal)ended["usage"]!["cost"]!, (decimal)ended["results"]![0]!["response"]!["body"]!["usage"]!["cost"]!);
        Assert.Null((await bench.GetAsync("openrouter/api/v1/batches"))["data"]![0]!["results"]);
        (await bench.Http.DeleteAsync(path)).EnsureSuccessStatusCode();
        Assert.Empty((await bench.GetAsync("openrouter/api/v1/batches"))["data"]!.AsArray());
        Assert.Empty(bench.Emulator.Files);
    }

    [Theory]
    [InlineData("groq/openai/v1")]
    [InlineData("together/v1")]
    [InlineData("mistral/v1")]
    [InlineData("openrouter/api/v1")]
    public async Task Synchronous_calls_are_answered_like_openais(string root)
    {
        await using var bench = await Bench.StartAsync();
        var body = JsonNode.Parse("""{"model":"m","messages":[{"role":"user","content":"Where is my parcel?"}]}""")!.AsObject();
        var mine = await PostAsync(bench, root + "/chat/completions", body);
        var theirs = await PostAsync(bench, "v1/chat/completions", body);
        Assert.Equal((string?)theirs["choices"]![0]!["message"]!["content"], (string?)mine["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Batches_of_one_server_are_not_shown_by_another()
    {
        await using var bench = await Bench.StartAsync();
        await bench.SubmitAsync(Bench.Line("a"));
        Assert.Empty((await bench.GetAsync("groq/openai/v1/batches"))["data"]!.AsArray());
        Assert.Empty((await bench.GetAsync("mistral/v1/batch/jobs"))["data"]!.AsArray());
    }

    private static JsonObject FileBatch(JsonNode file, string endpoint, string window = "24h") => new()
    {
        ["input_file_id"] = (string?)file["id"],
        ["endpoint"] = endpoint,
        ["completion_window"] = window,
    };

    private static async Task<JsonNode> UploadAsync(Bench bench, string path, string content, string purpose = "batch")
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(purpose), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", "in.jsonl" },
        };
        using var answer = await bench.Http.PostAsync(path, form);
        answer.EnsureSuccessStatusCode();
        return await Bench.ReadAsync(answer);
    }

    private static async Task<JsonNode> PostAsync(Bench bench, string path, JsonObject body)
    {
        using var answer = await bench.Http.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        return await Bench.ReadAsync(answer);
    }
}
