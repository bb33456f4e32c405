using System.Buffers;

namespace Offpeak.Gemini.Wire;

/// <summary>
/// Takes the bytes of an operation apart as they arrive: the results inside it one by one, and everything else as a small document. The
/// results stand there twice, under <c>metadata.output</c> and <c>response</c>; only the first list that holds any is delivered.
/// </summary>
internal sealed class OperationSplitter(int maxItemBytes, bool keepItems)
{
    private const int MaxEnvelopeBytes = 8 * 1024 * 1024;

    private static readonly SearchValues<byte> StringStops = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> ValueStops = SearchValues.Create("\"{}[], \t\r\n"u8);

    private readonly ArrayBufferWriter<byte> envelope = new(1024);
    private readonly ArrayBufferWriter<byte> name = new(64);
    private ArrayBufferWriter<byte> item = new(4096);
    private Place place;
    private bool inString;
    private bool isEscaped;
    private bool listIsNamed;
    private int depth;
    private int itemDepth;

    private enum Place
    {
        Envelope,
        BetweenItems,
        InItem,
    }

    /// <summary>Everything but the results; their lists are there, but empty.</summary>
    public ReadOnlyMemory<byte> Envelope => envelope.WrittenMemory;

    /// <summary>Whether the document came to its end.</summary>
    public bool IsWhole => depth == 0 && envelope.WrittenCount > 0 && !inString;

    /// <summary>Number of results so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether a list of results was there, empty or not.</summary>
    public bool HasList { get; private set; }

    /// <summary>Whether a list that held results came to its end.</summary>
    public bool ListIsComplete { get; private set; }

    /// <summary>The result that was completed last; valid until <see cref="Next"/> is called again. Empty if it is too long.</summary>
    public ReadOnlyMemory<byte> Item => item.WrittenMemory;

    public bool ItemIsTooLong { get; private set; }

    /// <summary>Goes on through some bytes; true when a result is complete, false when the bytes are used up.</summary>
    /// <exception cref="InvalidDataException">The document is far larger than any operation.</exception>
    public bool Next(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (place == Place.BetweenItems)
            StartItem();
        while (at < bytes.Length)
        {
            if (place == Place.Envelope)
                ReadEnvelope(bytes[at..], ref at);
            else if (place == Place.BetweenItems)
                ReadBetween(bytes[at], ref at);
            else if (ReadItem(bytes[at..], ref at) && keepItems && !ListIsComplete)
                return true;
        }

        return false;
    }

    private void ReadEnvelope(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (envelope.WrittenCount > MaxEnvelopeBytes)
            throw new InvalidDataException("The operation is too large.");
        if (inString)
        {
            var text = TakeString(bytes);
            envelope.Write(text);
            if (name.WrittenCount < 64)
                name.Write(text[..Math.Min(text.Length, 64)]);
            at += text.Length;
            return;
        }

        var token = bytes[0];
        envelope.Write(bytes[..1]);
        at++;
        if (token == '"')
        {
            inString = true;
            name.ResetWrittenCount();
        }
        else if (token == ':')
            listIsNamed = name.WrittenSpan.SequenceEqual("inlinedResponses\""u8) || name.WrittenSpan.SequenceEqual("inlined_responses\""u8);
        else if (token is (byte)'{' or (byte)'[')
            Open(token);
        else if (token is (byte)'}' or (byte)']')
            depth--;
    }

    private void Open(byte token)
    {
        depth++;
        if (token == '[' && listIsNamed)
        {
            HasList = true;
            place = Place.BetweenItems;
            StartItem();
        }

        listIsNamed = false;
    }

    private void ReadBetween(byte token, ref int at)
    {
        if (token == ']')
        {
            ListIsComplete |= Count > 0;
            place = Place.Envelope;
        }
        else if (token is not ((byte)',' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            place = Place.InItem;
        else
            at++;
    }

    /// <summary>Reads on in a result; true at its end.</summary>
    private bool ReadItem(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (inString)
        {
            var text = TakeString(bytes);
            Keep(text);
            at += text.Length;
            return !inString && itemDepth == 0 && EndItem();
        }

        var length = bytes.IndexOfAny(ValueStops);
        length = length < 0 ? bytes.Length : length;
        if (length == bytes.Length || (itemDepth == 0 && length > 0))
        {
            Keep(bytes[..length]);
            at += length;
            return length < bytes.Length && EndItem();
        }

        return ReadItemToken(bytes, length, ref at);
    }

    private bool ReadItemToken(ReadOnlySpan<byte> bytes, int length, ref int at)
    {
        var token = bytes[length];
        if (itemDepth == 0 && token is (byte)',' or (byte)']' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            return EndItem();
        Keep(bytes[..(length + 1)]);
        at += length + 1;
        inString = token == '"';
        if (token is (byte)'{' or (byte)'[')
            itemDepth++;
        else if (token is (byte)'}' or (byte)']')
            itemDepth = Math.Max(0, itemDepth - 1);
        return itemDepth == 0 && !inString && EndItem();
    }

    /// <summary>The part of the bytes that belongs to the current string, its closing quote included.</summary>
    private ReadOnlySpan<byte> TakeString(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        while (length < bytes.Length)
        {
            if (isEscaped)
            {
                isEscaped = false;
                length++;
                continue;
            }

            var stop = bytes[length..].IndexOfAny(StringStops);
            if (stop < 0)
                return bytes;
            length += stop + 1;
            isEscaped = bytes[length - 1] == '\\';
            if (!isEscaped)
            {
                inString = false;
                break;
            }
        }

        return bytes[..length];
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (!keepItems || ListIsComplete || ItemIsTooLong)
            return;
        if (item.WrittenCount + bytes.Length > maxItemBytes)
        {
            ItemIsTooLong = true;
            item = new ArrayBufferWriter<byte>(4096);
        }
        else
            item.Write(bytes);
    }

    private void StartItem()
    {
        item.ResetWrittenCount();
        ItemIsTooLong = false;
        itemDepth = 0;
    }

    private bool EndItem()
    {
        place = Place.BetweenItems;
        if (!ListIsComplete)
            Count++;
        return true;
    }
}
