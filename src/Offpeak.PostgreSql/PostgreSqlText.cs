using System.Text;

namespace Offpeak.PostgreSql;

/// <summary>Text that PostgreSQL can hold: it knows no NUL, and no half of a surrogate pair.</summary>
internal static class PostgreSqlText
{
    /// <summary>The text without what cannot be stored.</summary>
    public static string Clean(string text)
    {
        if (!text.Contains('\0') && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;

        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                if (text[at] != '\0') kept.Append(text[at]);
            }
            else if (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]))
            {
                kept.Append(text, at++, 2);
            }
        }

        return kept.ToString();
    }
}
