using System.Buffers;

namespace Offpeak.Testing.Anthropic;

/// <summary>
/// Cuts <c>{"requests":[{…},{…}]}</c> into its items while it arrives, so that no whole body is held. Each item is on one line; whether it
/// is JSON is for its receiver to find out.
/// </summary>
internal sealed class RequestSplitter
{
    private const int ItemDepth = 2;

    private static readonly SearchValues<byte> TextStops = SearchValues.Create("\"\\\r\n"u8);

    private readonly ArrayBufferWriter<byte> item = new();
    private readonly ArrayBufferWriter<byte> name = new();
    private int depth;
    private bool inText;
    private bool isEscaped;
    private bool inRequests;

    /// <summary>Whether the outermost object was opened and closed.</summary>
    public bool IsWhole { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes, Action<ReadOnlyMemory<byte>> give)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[TakePlainText(bytes)..];
            if (bytes.IsEmpty)
                return;
            var value = bytes[0];
            bytes = bytes[1..];
            var wasItem = IsItem;
            var ended = inText ? ReadText(value) : Read(value);
            if (!wasItem && !IsItem)
                continue;
            item.Write([value is (byte)'\n' or (byte)'\r' ? (byte)' ' : value]);
            if (!ended || IsItem)
                continue;
            give(item.WrittenMemory);
            item.ResetWrittenCount();
        }
    }

    private bool IsItem => inRequests && depth > ItemDepth;

    /// <summary>Texts are most of a body, and nothing in them matters until they end.</summary>
    private int TakePlainText(ReadOnlySpan<byte> bytes)
    {
        if (!inText || isEscaped || !IsItem)
            return 0;
        var length = bytes.IndexOfAny(TextStops);
        length = length < 0 ? bytes.Length : length;
        item.Write(bytes[..length]);
        return length;
    }

    private bool ReadText(byte value)
    {
        if (!isEscaped && value == '"')
            inText = false;
        else if (depth == 1)
            name.Write([value]);
        isEscaped = !isEscaped && value == '\\';
        return false;
    }

    /// <returns>Whether something was closed.</returns>
    private bool Read(byte value)
    {
        switch (value)
        {
            case (byte)'"':
                inText = true;
                if (depth == 1)
                    name.ResetWrittenCount();
                return false;
            case (byte)'{' or (byte)'[':
                depth++;
                inRequests |= depth == ItemDepth && value == '[' && name.WrittenSpan.SequenceEqual("requests"u8);
                return false;
            case (byte)'}' or (byte)']':
                depth--;
                inRequests &= depth >= ItemDepth;
                IsWhole |= depth == 0;
                return true;
            default:
                return false;
        }
    }
}
