using System.Text;

namespace Offpeak.Storage.Sql;

/// <summary>Text as every database takes it: without NUL, which PostgreSQL refuses, and without halves of surrogate pairs, which UTF-8 cannot say.</summary>
internal static class StorableText
{
    public static string From(string text) =>
        text.AsSpan().IndexOf('\0') < 0 && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : Clean(text);

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // An invalid half is enumerated as the replacement character.
            if (rune.Value != 0)
                clean.Append(rune.ToString());
        }

        return clean.ToString();
    }
}
