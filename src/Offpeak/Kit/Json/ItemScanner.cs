using System.Buffers;
using System.Text;

namespace Offpeak.Kit.Json;

/// <summary>
/// Cuts the items of one list out of an answer while it arrives: <c>{"results":[item, item, …],"pagination_token":…}</c>. What is not an item
/// is kept as the answer's frame. It follows only strings and brackets; whether an item is JSON is for its reader to say.
/// </summary>
/// <param name="list">The name of the list, which is a field of the root.</param>
/// <param name="maxItemBytes">A longer item is delivered empty.</param>
internal sealed class ItemScanner(string list, int maxItemBytes)
{
    private const int MaxFrameBytes = 1024 * 1024;
    private const int ListDepth = 2;

    private readonly byte[] name = Encoding.UTF8.GetBytes($"\"{list}\"");
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly ArrayBufferWriter<byte> frame = new();
    private readonly ArrayBufferWriter<byte> item = new();
    private int start;
    private int end;
    private int depth;
    private bool begun;
    private bool inList;
    private bool inItem;
    private bool inString;
    private bool escaped;
    private bool tooLong;

    /// <summary>Whether a JSON object or array began and every bracket was closed.</summary>
    public bool IsWhole => begun && depth == 0 && !inString;

    /// <summary>The answer without its items.</summary>
    public ReadOnlyMemory<byte> Frame => frame.WrittenMemory;

    /// <summary>Reads on, once all items of the last read have been taken; false at the end.</summary>
    public async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        start = 0;
        end = await stream.ReadAsync(buffer, cancellationToken);
        return end > 0;
    }

    /// <summary>The next item that ends in what was read, owned by the receiver; empty if it was longer than allowed.</summary>
    public bool TryNext(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        while (start < end)
        {
            if (inString)
                TakeString(buffer.AsSpan(start, end - start));
            else if (TakeToken(buffer.AsSpan(start++, 1)))
            {
                bytes = tooLong ? default : item.WrittenSpan.ToArray();
                item.ResetWrittenCount();
                (tooLong, inItem) = (false, false);
                return true;
            }
        }

        return false;
    }

    private void TakeString(ReadOnlySpan<byte> rest)
    {
        var stop = escaped ? 0 : rest.IndexOfAny((byte)'"', (byte)'\\');
        var length = stop < 0 ? rest.Length : stop + 1;
        Keep(rest[..length]);
        start += length;
        if (stop >= 0 && !escaped)
            (inString, escaped) = (rest[stop] != '"', rest[stop] == '\\');
        else
            escaped = false;
    }

    /// <summary>Takes one byte outside of strings; true if an item ended right before it.</summary>
    private bool TakeToken(ReadOnlySpan<byte> one)
    {
        var isBetweenItems = inList && depth == ListDepth;
        switch (one[0])
        {
            case (byte)'{' or (byte)'[':
                var begins = one[0] == '[' && depth == ListDepth - 1 && IsNamed();
                Keep(one);
                begun = true;
                depth++;
                inList |= begins;
                return false;
            case (byte)'}' or (byte)']':
                inList &= !isBetweenItems;
                depth = Math.Max(0, depth - 1);
                Keep(one);
                return isBetweenItems && inItem;
            case (byte)',' when isBetweenItems:
                return inItem;
            case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' when isBetweenItems:
                return false;
            default:
                inString = one[0] == '"';
                Keep(one);
                return false;
        }
    }

    /// <summary>Whether the frame ends in the list's name and a colon.</summary>
    private bool IsNamed()
    {
        var before = frame.WrittenSpan.TrimEnd(" \n\r\t"u8);
        return before.EndsWith(":"u8) && before[..^1].TrimEnd(" \n\r\t"u8).EndsWith(name);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (!inList)
        {
            if (frame.WrittenCount + bytes.Length > MaxFrameBytes)
                throw new InvalidDataException("The answer is too long.");
            frame.Write(bytes);
            return;
        }

        inItem = true;
        tooLong |= item.WrittenCount + bytes.Length > maxItemBytes;
        if (!tooLong)
            item.Write(bytes);
    }
}
