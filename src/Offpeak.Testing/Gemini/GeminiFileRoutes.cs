using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Gemini;

/// <summary>Gemini API reference: files, and media.upload with the resumable protocol.</summary>
internal sealed class GeminiFileRoutes(EmulatorState state)
{
    private const long LargestFile = 2L * 1024 * 1024 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(48);

    private readonly ConcurrentDictionary<string, UploadSession> sessions = new();

    public async Task<Reply> UploadAsync(HttpContext context)
    {
        var request = context.Request;
        var command = request.Headers["X-Goog-Upload-Command"].ToString();
        if (command == "start")
            return await StartAsync(request);
        if (!sessions.TryGetValue(request.Query["upload_id"].ToString(), out var session))
            return GeminiRefusals.Reply(404, "Upload not found.");
        if (request.Headers["X-Goog-Upload-Offset"].ToString() != session.Received.ToString())
            return GeminiRefusals.Reply(400, $"The upload offset must be {session.Received}.");
        await session.AppendAsync(request.Body, context.RequestAborted);
        return command.Contains("finalize", StringComparison.Ordinal) ? Finish(request, session) : Status(new JsonObject(), "active");
    }

    public Reply List(HttpContext context) => Paging.RenderAsync(
        context.Request, [.. state.Files.Snapshot().Where(file => file.Purpose == "batch")], "files",
        file => new ValueTask<JsonObject>(Render(file, context.Request))).GetAwaiter().GetResult();

    public Reply Get(HttpContext context) => state.Files.Find(IdOf(context)) is { } file
        ? new JsonReply(Render(file, context.Request))
        : GeminiRefusals.NoFile(IdOf(context));

    public Reply Delete(HttpContext context) =>
        state.Files.Delete(IdOf(context)) ? new JsonReply(new JsonObject()) : GeminiRefusals.NoFile(IdOf(context));

    private async Task<Reply> StartAsync(HttpRequest request)
    {
        if (request.Headers["X-Goog-Upload-Protocol"] != "resumable"
            || !long.TryParse(request.Headers["X-Goog-Upload-Header-Content-Length"], out var length))
            return GeminiRefusals.Reply(400, "The upload protocol must be resumable and name a content length.");
        if (length > LargestFile)
            return GeminiRefusals.Reply(400, "The file is larger than 2 GB.");
        var body = await RequestJson.ReadAsync(request);
        var name = ProtobufJson.Text(body, "file", "displayName");
        var id = Guid.NewGuid().ToString("N");
        var type = request.Headers["X-Goog-Upload-Header-Content-Type"].ToString();
        sessions[id] = new UploadSession(id, state.Files.NewPath(), name ?? "", type, length);
        var reply = Status(new JsonObject(), "active");
        reply.Headers["X-Goog-Upload-URL"] = $"{Root(request)}/upload/v1beta/files?upload_id={id}&upload_protocol=resumable";
        reply.Headers["X-Goog-Upload-Chunk-Granularity"] = "262144";
        return reply;
    }

    private Reply Finish(HttpRequest request, UploadSession session)
    {
        if (session.Received != session.Length)
            return GeminiRefusals.Reply(400, $"The upload holds {session.Received} bytes, not {session.Length}.");
        sessions.TryRemove(session.Id, out _);
        var file = state.Files.Adopt(session.Path, session.DisplayName, "batch", state.Time.GetUtcNow(), Lifetime);
        return Status(new JsonObject { ["file"] = Render(file, request) }, "final");
    }

    private static JsonReply Status(JsonObject body, string status)
    {
        var reply = new JsonReply(body);
        reply.Headers["X-Goog-Upload-Status"] = status;
        return reply;
    }

    private JsonObject Render(EmulatedFile file, HttpRequest request) => new()
    {
        ["name"] = "files/" + file.Id,
        ["displayName"] = file.FileName,
        ["mimeType"] = "application/jsonl",
        ["sizeBytes"] = file.Bytes.ToString(),
        ["createTime"] = ProtobufJson.Time(file.CreatedAt),
        ["updateTime"] = ProtobufJson.Time(file.CreatedAt),
        ["expirationTime"] = ProtobufJson.Time(file.ExpiresAt),
        ["sha256Hash"] = Hash(file),
        ["uri"] = $"{Root(request)}/v1beta/files/{file.Id}",
        ["state"] = "ACTIVE",
        ["source"] = "UPLOADED",
    };

    private string Hash(EmulatedFile file)
    {
        using var content = File.OpenRead(state.Files.PathOf(file));
        return Convert.ToBase64String(SHA256.HashData(content));
    }

    private static string Root(HttpRequest request) => $"{request.Scheme}://{request.Host}";

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["fileId"]!;
}
