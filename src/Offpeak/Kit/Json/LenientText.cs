using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Offpeak.Kit.Json;

/// <summary>Unescapes JSON strings that strict readers refuse: half surrogate pairs and bytes that are not UTF-8 become U+FFFD.</summary>
[Experimental("OFFPEAK001")]
public static class LenientText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The text of a string's escaped bytes, without its quotes.</summary>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        var source = Encoding.UTF8.GetString(escaped);
        var text = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
            text.Append(source[i] == '\\' && i + 1 < source.Length ? ReadEscape(source, ref i) : source[i]);
        ReplaceHalfPairs(text);
        return text.ToString();
    }

    private static char ReadEscape(string source, ref int i) => source[++i] switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        'f' => '\f',
        'u' => ReadHex(source, ref i),
        var other => other,
    };

    private static char ReadHex(string source, ref int i)
    {
        if (i + 4 >= source.Length
            || !ushort.TryParse(source.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            return Replacement;
        i += 4;
        return (char)code;
    }

    private static void ReplaceHalfPairs(StringBuilder text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                text[i] = Replacement;
        }
    }
}
