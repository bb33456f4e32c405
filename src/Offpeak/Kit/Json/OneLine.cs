using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Kit.Json;

/// <summary>Puts valid JSON on one line by leaving out the blanks between its tokens. The tokens stay as they are, byte for byte.</summary>
[Experimental("OFFPEAK001")]
public static class OneLine
{
    private static readonly SearchValues<byte> StringStops = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> TokenStops = SearchValues.Create("\" \t\r\n"u8);

    /// <summary>A copy without those blanks.</summary>
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var compact = new byte[json.Length];
        var length = 0;
        while (!json.IsEmpty)
        {
            var token = json.IndexOfAny(TokenStops);
            token = token < 0 ? json.Length : token;
            var end = token < json.Length && json[token] == '"' ? token + StringLength(json[token..]) : token;
            json[..end].CopyTo(compact.AsSpan(length));
            length += end;
            json = json[end..];
            if (end == token && !json.IsEmpty)
                json = json[1..];
        }

        return length == compact.Length ? compact : compact[..length];
    }

    private static int StringLength(ReadOnlySpan<byte> json)
    {
        var length = 1;
        while (length < json.Length)
        {
            var stop = json[length..].IndexOfAny(StringStops);
            if (stop < 0)
                return json.Length;
            length += stop;
            if (json[length] == '"')
                return length + 1;
            length += 2;
        }

        return json.Length;
    }
}
