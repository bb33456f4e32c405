using System.Buffers;
using System.Buffers.Text;

namespace Offpeak.Cli.Input;

/// <summary>Looks at JSON as bytes, for what a parser has no words for. All of it expects UTF-8.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> QuoteOrBracket = SearchValues.Create("\"[]{}"u8);

    /// <summary>Whether JSON, valid or not, holds a <c>\u</c> escape of one half of a surrogate pair without the other.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        for (int at; (at = json.IndexOf((byte)'\\')) >= 0;)
        {
            json = json[at..];
            var unit = EscapedUnit(json);
            var pair = char.IsHighSurrogate((char)unit) && char.IsLowSurrogate((char)EscapedUnit(json[6..]));
            if (char.IsSurrogate((char)unit) && !pair)
                return true;
            json = json[Math.Min(pair ? 12 : 2, json.Length)..];
        }

        return false;
    }

    /// <summary>The deepest nesting of brackets; the text need not be valid JSON.</summary>
    public static int Depth(ReadOnlySpan<byte> json)
    {
        var depth = 0;
        var deepest = 0;
        for (int at; (at = json.IndexOfAny(QuoteOrBracket)) >= 0;)
        {
            depth += json[at] is (byte)'[' or (byte)'{' ? 1 : json[at] == '"' ? 0 : -1;
            deepest = Math.Max(deepest, depth);
            json = json[(at + (json[at] == '"' ? StringLength(json[at..]) : 1))..];
        }

        return deepest;
    }

    private static int StringLength(ReadOnlySpan<byte> json)
    {
        var length = 1;
        while (length < json.Length)
        {
            var stop = json[length..].IndexOfAny(QuoteOrBackslash);
            if (stop < 0)
                return json.Length;
            length += stop + 1;
            if (json[length - 1] == '"')
                return length;
            length++;
        }

        return json.Length;
    }

    private static int EscapedUnit(ReadOnlySpan<byte> json) =>
        json.Length >= 6 && json.StartsWith("\\u"u8) && Utf8Parser.TryParse(json[2..6], out ushort unit, out var read, 'x') && read == 4
            ? unit
            : 0;
}
