using System.Globalization;
using System.Text;

namespace Offpeak.Storage.Sql;

/// <summary>
/// Text as every database takes it and gives it back: NUL, which PostgreSQL refuses, and halves of surrogate pairs, which UTF-8 cannot say, are
/// written as an escape. Text without them, all that people write, is stored as it is.
/// </summary>
internal static class StorableText
{
    // Of the private use area, where no other program's text is expected; followed by four hexadecimal digits.
    private const char Escape = '\uF8FF';

    private const int Digits = 4;

    public static string From(string text) => IsPlain(text) ? text : Escaped(text);

    public static string Read(string text) => text.Contains(Escape, StringComparison.Ordinal) ? Unescaped(text) : text;

    private static bool IsPlain(ReadOnlySpan<char> text) => text.IndexOfAny('\0', Escape) < 0 && text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                escaped.Append(text[i]).Append(text[++i]);
            else if (text[i] is '\0' or Escape || char.IsSurrogate(text[i]))
                escaped.Append(Escape).Append(((int)text[i]).ToString("x4", CultureInfo.InvariantCulture));
            else
                escaped.Append(text[i]);
        }

        return escaped.ToString();
    }

    private static string Unescaped(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == Escape && i + Digits < text.Length
                && ushort.TryParse(text.AsSpan(i + 1, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += Digits;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
