using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing;

/// <summary>What a route wants to say. Kept apart from the sending, so that a fault can still cut or change it.</summary>
internal abstract class Reply(int statusCode, string contentType)
{
    public int StatusCode { get; } = statusCode;

    public string ContentType { get; } = contentType;

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public abstract Stream Open();
}

internal class JsonReply(JsonNode body, int statusCode = 200) : Reply(statusCode, "application/json")
{
    private static readonly JsonSerializerOptions Pretty = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public JsonNode Body { get; set; } = body;

    public override Stream Open() => new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(Body, Pretty));
}

internal sealed class BytesReply(ReadOnlyMemory<byte> body, int statusCode, string contentType = "application/json")
    : Reply(statusCode, contentType)
{
    public override Stream Open() => new MemoryStream(body.ToArray());
}

internal sealed class FileReply : Reply
{
    private readonly string path;

    public FileReply(string path, string fileName, string contentType = "application/octet-stream") : base(200, contentType)
    {
        this.path = path;
        Headers["Content-Disposition"] = $"attachment; filename=\"{fileName}\"";
    }

    public override Stream Open() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}

/// <summary>An answer too large to be held in memory, from a file that goes away once it is sent.</summary>
internal sealed class PassingFileReply(string path, string contentType = "application/json") : Reply(200, contentType)
{
    public override Stream Open() =>
        new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.DeleteOnClose);
}
