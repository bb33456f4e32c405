namespace Offpeak.Jsonl;

/// <summary>Cuts the bytes of a <see cref="ReadWindow"/> into lines.</summary>
internal sealed class LineSplitter(ReadWindow window, int limit)
{
    /// <summary>Bytes that may come on top of the limit before a line is known to be too long: a byte order mark and a CR.</summary>
    public const int Slack = 4;

    private const byte LineFeed = (byte)'\n';

    private long number;
    private int searched;
    private bool dropping;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Takes the next line that ends in the window, passing over blank ones; false when more bytes are needed.</summary>
    public bool TryTake(out JsonlLine line)
    {
        line = default;
        while (true)
        {
            var unread = window.Unread;
            var at = unread.Span[searched..].IndexOf(LineFeed);
            if (at < 0)
            {
                Wait(unread.Length);
                return false;
            }

            var length = searched + at;
            searched = 0;
            window.Skip(length + 1);
            if (TryMakeLine(unread[..length], terminated: true, out line))
                return true;
        }
    }

    /// <summary>Takes what the stream ended with after its last line feed; false when that is nothing.</summary>
    public bool TryTakeLast(out JsonlLine line) => TryMakeLine(window.Unread, terminated: false, out line);

    private void Wait(int unread)
    {
        dropping |= unread > limit + Slack;
        if (dropping)
            window.Skip(unread);
        searched = dropping ? 0 : unread;
    }

    private bool TryMakeLine(ReadOnlyMemory<byte> bytes, bool terminated, out JsonlLine line)
    {
        number++;
        bytes = Trim(bytes, terminated);
        var tooLong = dropping || bytes.Length > limit;
        var blank = !dropping && bytes.Span.IndexOfAnyExcept(" \t\r"u8) < 0;
        line = tooLong
            ? new JsonlLine(number, default, terminated, JsonlProblem.TooLong)
            : new JsonlLine(number, bytes, terminated, null);
        dropping = false;
        return !blank;
    }

    private ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> bytes, bool terminated)
    {
        if (number == 1 && bytes.Span.StartsWith(ByteOrderMark))
            bytes = bytes[ByteOrderMark.Length..];
        return terminated && bytes.Span.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }
}
