using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Offpeak.Testing.Tests;

/// <summary>An emulator on a clock that only the test moves, and a bare HTTP client for what the official one hides.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private Bench(EmulatorServer emulator, FakeTimeProvider clock)
    {
        Emulator = emulator;
        Clock = clock;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = emulator.BaseAddress };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sk-test");
    }

    public EmulatorServer Emulator { get; }

    public FakeTimeProvider Clock { get; }

    public HttpClient Http { get; }

    public static EmulatorOptions Slow { get; } = new()
    {
        ValidatingDuration = TimeSpan.FromMinutes(1),
        BatchDuration = TimeSpan.FromMinutes(100),
        FinalizingDuration = TimeSpan.FromMinutes(1),
        CancellingDuration = TimeSpan.FromMinutes(5),
    };

    public static async Task<Bench> StartAsync(EmulatorOptions? options = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        return new Bench(await EmulatorServer.StartAsync((options ?? Slow) with { TimeProvider = clock }), clock);
    }

    public static string Line(string id, string question = "Where is my parcel?", string model = "gpt-5-nano") =>
        $$$"""{"custom_id":"{{{id}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{model}}}","messages":[{"role":"user","content":"{{{question}}}"}]}}""";

    public static string Lines(int count) => string.Join('\n', Enumerable.Range(1, count).Select(i => Line($"r-{i}", $"Question number {i}")));

    public async Task<JsonNode> UploadAsync(string content, string fileName = "in.jsonl")
    {
        using var response = await PostFileAsync(content, fileName);
        response.EnsureSuccessStatusCode();
        return await ReadAsync(response);
    }

    public async Task<HttpResponseMessage> PostFileAsync(string content, string fileName, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" } };
        foreach (var (name, value) in fields)
            form.Add(new StringContent(value), name);
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", fileName);
        return await Http.PostAsync("v1/files", form);
    }

    public Task<HttpResponseMessage> PostBatchAsync(string fileId, string endpoint = "/v1/chat/completions", JsonObject? metadata = null) =>
        Http.PostAsJsonAsync("v1/batches", new JsonObject
        {
            ["input_file_id"] = fileId,
            ["endpoint"] = endpoint,
            ["completion_window"] = "24h",
            ["metadata"] = metadata,
        });

    /// <summary>Uploads and creates; returns the batch id.</summary>
    public async Task<string> SubmitAsync(string content, string endpoint = "/v1/chat/completions")
    {
        var file = await UploadAsync(content);
        using var response = await PostBatchAsync((string)file["id"]!, endpoint);
        response.EnsureSuccessStatusCode();
        return (string)(await ReadAsync(response))["id"]!;
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        response.EnsureSuccessStatusCode();
        return await ReadAsync(response);
    }

    public Task<JsonNode> BatchAsync(string id) => GetAsync($"v1/batches/{id}");

    /// <summary>Submits, lets the time pass that a batch takes, and returns what the provider then says.</summary>
    public async Task<JsonNode> FinishAsync(string content, string endpoint = "/v1/chat/completions")
    {
        var id = await SubmitAsync(content, endpoint);
        Clock.Advance(TimeSpan.FromMinutes(103));
        return await BatchAsync(id);
    }

    public async Task<IReadOnlyList<JsonNode>> LinesOfAsync(JsonNode? fileId) =>
        [.. (await TextOfAsync(fileId)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    public Task<string> TextOfAsync(JsonNode? fileId) => Http.GetStringAsync($"v1/files/{(string)fileId!}/content");

    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Emulator.DisposeAsync();
    }
}
