using System.Buffers;

namespace Offpeak.Jsonl;

/// <summary>The part of a stream that is in memory: bytes enter at the end and leave from the start.</summary>
internal sealed class ReadWindow(int largest) : IDisposable
{
    private const int UsualSize = 128 * 1024;

    // Long lines tend to come in runs, and a window given back after each would be allocated again for the next.
    private const int FillsBeforeShrinking = 16;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    private int _start;
    private int _end;
    private int _smallFills;

    public int Size => _buffer.Length;

    public ReadOnlyMemory<byte> Unread => _buffer.AsMemory(_start, _end - _start);

    public void Skip(int count) => _start += count;

    /// <summary>Reads once from the stream; false at its end.</summary>
    public async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        MakeRoom();
        // A read never takes more than the usual size, so that a window grown for one line is soon found to be too big.
        int room = Math.Min(_buffer.Length - _end, UsualSize);
        int read = await stream.ReadAsync(_buffer.AsMemory(_end, room), cancellationToken);
        _end += read;
        return read > 0;
    }

    public void Dispose() => Replace([]);

    private void MakeRoom()
    {
        int unread = _end - _start;
        if (IsTooBigFor(unread))
            Replace(ArrayPool<byte>.Shared.Rent(UsualSize));
        else if (unread > _buffer.Length / 2)
            Grow();
        else if (unread == 0 || _buffer.Length - _end < _buffer.Length / 2)
            MoveTo(_buffer);
    }

    private void Grow()
    {
        if (_end < _buffer.Length)
            return;

        if (_buffer.Length < largest)
            // Not from the pool: it would round a 64 MB line up to 128 MB and keep that for the life of the process.
            Replace(GC.AllocateUninitializedArray<byte>((int)Math.Min(_buffer.Length * 2L, largest)));
        else
            MoveTo(_buffer);
    }

    private bool IsTooBigFor(int unread)
    {
        bool small = _buffer.Length > UsualSize && unread <= UsualSize / 2;
        _smallFills = small ? _smallFills + 1 : 0;
        return _smallFills > FillsBeforeShrinking;
    }

    private void Replace(byte[] buffer)
    {
        byte[] old = _buffer;
        MoveTo(buffer);
        if (old.Length == UsualSize)
            ArrayPool<byte>.Shared.Return(old);
    }

    private void MoveTo(byte[] buffer)
    {
        int unread = Math.Min(_end - _start, buffer.Length);
        Buffer.BlockCopy(_buffer, _start, buffer, 0, unread);
        (_buffer, _start, _end) = (buffer, 0, unread);
    }
}
