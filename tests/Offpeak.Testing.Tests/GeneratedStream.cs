namespace Offpeak.Testing.Tests;

/// <summary>Bytes out of nowhere, which watches how much memory the process holds while they are taken.</summary>
internal sealed class GeneratedStream(long size) : Stream
{
    private readonly long atStart = GC.GetTotalMemory(forceFullCollection: true);
    private long position;

    public long MostHeld { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var length = (int)Math.Min(count, size - position);
        buffer.AsSpan(offset, length).Fill((byte)'x');
        position += length;
        MostHeld = Math.Max(MostHeld, GC.GetTotalMemory(forceFullCollection: false) - atStart);
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
