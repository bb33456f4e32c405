namespace Offpeak.Jsonl;

/// <summary>Cuts the bytes of a <see cref="ReadWindow"/> into lines.</summary>
internal sealed class LineSplitter(ReadWindow window, int limit)
{
    /// <summary>Bytes that may come on top of the limit before a line is known to be too long: a byte order mark and a CR.</summary>
    public const int Slack = 4;

    private const byte LineFeed = (byte)'\n';

    private long _number;
    private int _searched;
    private bool _dropping;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Takes the next line that ends in the window, passing over blank ones; false when more bytes are needed.</summary>
    public bool TryTake(out JsonlLine line)
    {
        line = default;
        while (true)
        {
            ReadOnlyMemory<byte> unread = window.Unread;
            int at = unread.Span[_searched..].IndexOf(LineFeed);
            if (at < 0)
            {
                Wait(unread.Length);
                return false;
            }

            int length = _searched + at;
            _searched = 0;
            window.Skip(length + 1);
            if (TryMakeLine(unread[..length], terminated: true, out line))
                return true;
        }
    }

    /// <summary>Takes what the stream ended with after its last line feed; false when that is nothing.</summary>
    public bool TryTakeLast(out JsonlLine line) => TryMakeLine(window.Unread, terminated: false, out line);

    private void Wait(int unread)
    {
        _dropping |= unread > limit + Slack;
        if (_dropping)
            window.Skip(unread);
        _searched = _dropping ? 0 : unread;
    }

    private bool TryMakeLine(ReadOnlyMemory<byte> bytes, bool terminated, out JsonlLine line)
    {
        _number++;
        bytes = Trim(bytes, terminated);
        bool tooLong = _dropping || bytes.Length > limit;
        bool blank = !_dropping && bytes.Span.IndexOfAnyExcept(" \t\r"u8) < 0;
        line = tooLong
            ? new JsonlLine(_number, default, terminated, JsonlProblem.TooLong)
            : new JsonlLine(_number, bytes, terminated, null);
        _dropping = false;
        return !blank;
    }

    private ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> bytes, bool terminated)
    {
        if (_number == 1 && bytes.Span.StartsWith(ByteOrderMark))
            bytes = bytes[ByteOrderMark.Length..];
        return terminated && bytes.Span.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }
}
