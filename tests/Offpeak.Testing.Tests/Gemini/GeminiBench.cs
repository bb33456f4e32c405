using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Gemini;

/// <summary>Gemini's calls over bare HTTP, on a clock that only the test moves.</summary>
internal sealed class GeminiBench : IAsyncDisposable
{
    public const string Model = "v1beta/models/gemini-2.5-flash";

    private readonly Bench bench;

    private GeminiBench(Bench bench)
    {
        this.bench = bench;
        Http.DefaultRequestHeaders.Authorization = null;
        Http.DefaultRequestHeaders.Add("x-goog-api-key", "AIzaTest");
    }

    public EmulatorServer Emulator => bench.Emulator;

    public HttpClient Http => bench.Http;

    public static async Task<GeminiBench> StartAsync(EmulatorOptions? options = null) => new(await Bench.StartAsync(options));

    public static string Request(string question) => $$$"""{"contents":[{"role":"user","parts":[{"text":"{{{question}}}"}]}]}""";

    public static string Inline(params IEnumerable<string> requests) =>
        """{"batch":{"displayName":"k-1","inputConfig":{"requests":{"requests":[@]}}}}""".Replace("@", string.Join(',', requests));

    public static string OfFile(string name) =>
        """{"batch":{"displayName":"k","inputConfig":{"fileName":"@"}}}""".Replace("@", name);

    public static IEnumerable<string> Items(int count) =>
        Enumerable.Range(1, count).Select(i => $$$"""{"request":{{{Request($"Question number {i}")}}},"metadata":{"key":"r-{{{i}}}","n":{{{i}}}}}""");

    public static string Lines(int count) => string.Concat(
        Enumerable.Range(1, count).Select(i => $$$"""{"key":"r-{{{i}}}","request":{{{Request($"Question number {i}")}}}}""" + "\n"));

    public void Advance(double minutes) => bench.Clock.Advance(TimeSpan.FromMinutes(minutes));

    public async Task<(int Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await Bench.ReadAsync(response));
    }

    public async Task<JsonNode> PostAsync(string path, string body) => Good(await SendAsync(HttpMethod.Post, path, body));

    public async Task<JsonNode> GetAsync(string path) => Good(await SendAsync(HttpMethod.Get, path));

    public Task<JsonNode> CreateAsync(string body) => PostAsync(Model + ":batchGenerateContent", body);

    /// <summary>Creates, lets the time pass that a batch takes, and returns what the provider then says.</summary>
    public async Task<JsonNode> FinishAsync(string body)
    {
        var name = (string)(await CreateAsync(body))["name"]!;
        Advance(103);
        return await GetAsync("v1beta/" + name);
    }

    /// <summary>Uploads in one piece and returns the file's name.</summary>
    public async Task<string> UploadAsync(string content)
    {
        var url = await StartUploadAsync(Encoding.UTF8.GetByteCount(content));
        var (_, body) = await SendPieceAsync(url, content, 0, "upload, finalize");
        return (string)body["file"]!["name"]!;
    }

    public async Task<string> StartUploadAsync(long length)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "upload/v1beta/files")
        {
            Content = new StringContent("""{"file":{"displayName":"in.jsonl"}}"""),
        };
        request.Headers.Add("X-Goog-Upload-Protocol", "resumable");
        request.Headers.Add("X-Goog-Upload-Command", "start");
        request.Headers.Add("X-Goog-Upload-Header-Content-Length", length.ToString());
        request.Headers.Add("X-Goog-Upload-Header-Content-Type", "application/jsonl");
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("X-Goog-Upload-URL").Single();
    }

    public async Task<(string Status, JsonNode Body)> SendPieceAsync(string url, string piece, long offset, string command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(piece) };
        request.Headers.Add("X-Goog-Upload-Offset", offset.ToString());
        request.Headers.Add("X-Goog-Upload-Command", command);
        using var response = await Http.SendAsync(request);
        var status = response.Headers.TryGetValues("X-Goog-Upload-Status", out var values) ? values.Single() : ((int)response.StatusCode).ToString();
        return (status, await Bench.ReadAsync(response));
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    private static JsonNode Good((int Status, JsonNode Body) answer)
    {
        Assert.True(answer.Status == 200, answer.Body.ToJsonString());
        return answer.Body;
    }
}
