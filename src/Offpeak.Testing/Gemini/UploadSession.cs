namespace Offpeak.Testing.Gemini;

/// <summary>An upload that has begun and may come in pieces.</summary>
internal sealed class UploadSession(string id, string path, string displayName, string contentType, long length)
{
    public string Id { get; } = id;

    public string Path { get; } = path;

    public string DisplayName { get; } = displayName;

    public string ContentType { get; } = contentType;

    public long Length { get; } = length;

    public long Received { get; private set; }

    public async Task AppendAsync(Stream piece, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1);
        target.SetLength(Received);
        target.Seek(Received, SeekOrigin.Begin);
        await piece.CopyToAsync(target, 256 * 1024, cancellationToken);
        Received = target.Position;
    }
}
