namespace Offpeak.Testing;

/// <summary>Reads a file line by line through one reused buffer: each line is valid only until the next one is asked for.</summary>
internal static class JsonLines
{
    private const int FirstBufferSize = 256 * 1024;

    public static IEnumerable<ReadOnlyMemory<byte>> Read(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = new byte[FirstBufferSize];
        var (start, end, position) = (0, 0, 0L);
        while (true)
        {
            var feed = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                yield return buffer.AsMemory(start, feed);
                start += feed + 1;
                continue;
            }

            MakeRoom(ref buffer, ref start, ref end);
            var read = RandomAccess.Read(file, buffer.AsSpan(end), position);
            position += read;
            end += read;
            if (read == 0)
                break;
        }

        if (end > start)
            yield return buffer.AsMemory(start, end - start);
    }

    private static void MakeRoom(ref byte[] buffer, ref int start, ref int end)
    {
        var pending = end - start;
        var target = pending * 2 > buffer.Length ? new byte[buffer.Length * 2] : buffer;
        Buffer.BlockCopy(buffer, start, target, 0, pending);
        (buffer, start, end) = (target, 0, pending);
    }
}
