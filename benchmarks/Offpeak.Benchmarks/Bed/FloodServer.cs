using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Offpeak.Benchmarks.Bed;

/// <summary>OpenAI's files and batches with answers of any size, made as they are sent: the emulator would have to hold them.</summary>
internal sealed class FloodServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, List<string>> files = new();
    private readonly ConcurrentDictionary<string, string> batches = new();
    private readonly byte[] answer;
    private readonly WebApplication app;

    private FloodServer(int answerBytes)
    {
        answer = Texts.AnswerOf(answerBytes);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/v1/files", UploadAsync);
        app.MapPost("/v1/batches", CreateAsync);
        app.MapGet("/v1/batches/{id}", (string id) => Results.Text(batches[id], "application/json"));
        app.MapGet("/v1/files/{id}/content", (string id, HttpResponse response) => SendAsync(files[id], response));
    }

    public string BaseAddress => app.Urls.First() + "/";

    public static async Task<FloodServer> StartAsync(int answerBytes)
    {
        var server = new FloodServer(answerBytes);
        await server.app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> UploadAsync(HttpRequest request)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value!;
        var parts = new MultipartReader(boundary, request.Body);
        List<string> ids = [];
        while (await parts.ReadNextSectionAsync() is { } part)
        {
            var found = await ReadIdsAsync(part.Body);
            ids = found.Count > 0 ? found : ids;
        }

        var id = $"file-{Guid.NewGuid():N}";
        files[id] = ids;
        return Results.Text($$"""{"id":"{{id}}","object":"file","bytes":1,"created_at":1760000000,"filename":"input.jsonl","purpose":"batch","status":"processed"}""", "application/json");
    }

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        var file = body.RootElement.GetProperty("input_file_id").GetString()!;
        var count = files[file].Count;
        var id = $"batch_{Guid.NewGuid():N}";
        batches[id] =
            $$"""
            {"id":"{{id}}","object":"batch","endpoint":"/v1/responses","input_file_id":"{{file}}","completion_window":"24h","status":"completed",
            "output_file_id":"{{file}}","created_at":1760000000,"completed_at":1760000001,"request_counts":{"total":{{count}},"completed":{{count}},"failed":0},
            "metadata":{{body.RootElement.GetProperty("metadata").GetRawText()}}}
            """;
        return Results.Text(batches[id], "application/json");
    }

    private async Task SendAsync(List<string> ids, HttpResponse response)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes($$$"""{"id":"req_{{{i}}}","custom_id":"{{{ids[i]}}}","response":{"status_code":200,"request_id":"r","body":"""));
            await response.Body.WriteAsync(answer);
            await response.Body.WriteAsync("},\"error\":null}\n"u8.ToArray());
        }
    }

    // Only the beginning of a line is kept: it has the id, and lines are of any length.
    private static async Task<List<string>> ReadIdsAsync(Stream body)
    {
        const int Head = 160;
        var buffer = new byte[1 << 16];
        var head = new List<byte>(Head);
        List<string> ids = [];
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            Scan(buffer.AsSpan(0, read));

        return ids;

        void Scan(ReadOnlySpan<byte> rest)
        {
            while (rest.Length > 0)
            {
                var end = rest.IndexOf((byte)'\n');
                var line = end < 0 ? rest : rest[..end];
                head.AddRange(line[..Math.Min(line.Length, Head - head.Count)]);
                if (end < 0)
                    return;

                if (Encoding.UTF8.GetString([.. head]).Split("\"custom_id\":\"") is [_, var tail])
                    ids.Add(tail[..tail.IndexOf('"', StringComparison.Ordinal)]);

                head.Clear();
                rest = rest[(end + 1)..];
            }
        }
    }
}
