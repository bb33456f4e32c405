namespace Offpeak.Testing;

/// <summary>Appends lines to a file and knows where each begins.</summary>
internal sealed class SpoolWriter(string path) : IDisposable
{
    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 256 * 1024);

    public long Position { get; private set; }

    public void Append(ReadOnlySpan<byte> line)
    {
        file.Write(line);
        file.WriteByte((byte)'\n');
        Position += line.Length + 1;
    }

    public void Dispose() => file.Dispose();
}
