using System.Buffers;

namespace Offpeak.Jsonl;

/// <summary>The part of a stream that is in memory: bytes enter at the end and leave from the start.</summary>
internal sealed class ReadWindow(int largest) : IDisposable
{
    private const int UsualSize = 128 * 1024;

    // Long lines tend to come in runs, and a window given back after each would be allocated again for the next.
    private const int FillsBeforeShrinking = 16;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    private int start;
    private int end;
    private int smallFills;

    public int Size => buffer.Length;

    public ReadOnlyMemory<byte> Unread => buffer.AsMemory(start, end - start);

    public void Skip(int count) => start += count;

    /// <summary>Reads once from the stream; false at its end.</summary>
    public async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        MakeRoom();
        // A read never takes more than the usual size, so that a window grown for one line is soon found to be too big.
        var room = Math.Min(buffer.Length - end, UsualSize);
        var read = await stream.ReadAsync(buffer.AsMemory(end, room), cancellationToken);
        end += read;
        return read > 0;
    }

    public void Dispose() => Replace([]);

    private void MakeRoom()
    {
        var unread = end - start;
        if (IsTooBigFor(unread))
            Replace(ArrayPool<byte>.Shared.Rent(UsualSize));
        else if (unread > buffer.Length / 2)
            Grow();
        else if (unread == 0 || buffer.Length - end < buffer.Length / 2)
            MoveTo(buffer);
    }

    private void Grow()
    {
        if (end < buffer.Length)
            return;

        if (buffer.Length < largest)
            // Not from the pool: it would round a 64 MB line up to 128 MB and keep that for the life of the process.
            Replace(GC.AllocateUninitializedArray<byte>((int)Math.Min(buffer.Length * 2L, largest)));
        else
            MoveTo(buffer);
    }

    private bool IsTooBigFor(int unread)
    {
        var small = buffer.Length > UsualSize && unread <= UsualSize / 2;
        smallFills = small ? smallFills + 1 : 0;
        return smallFills > FillsBeforeShrinking;
    }

    private void Replace(byte[] next)
    {
        var old = buffer;
        MoveTo(next);
        if (old.Length == UsualSize)
            ArrayPool<byte>.Shared.Return(old);
    }

    private void MoveTo(byte[] next)
    {
        var unread = Math.Min(end - start, next.Length);
        Buffer.BlockCopy(buffer, start, next, 0, unread);
        (buffer, start, end) = (next, 0, unread);
    }
}
