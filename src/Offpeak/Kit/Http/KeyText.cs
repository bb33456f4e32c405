using System.Buffers;
using System.Text;

namespace Offpeak.Kit.Http;

/// <summary>Takes out of texts what looks like a key, because servers repeat the key that they refuse.</summary>
/// <param name="prefixes">How such keys begin: <c>sk-</c>.</param>
internal sealed class KeyText(IEnumerable<string> prefixes)
{
    private const int ShortestRest = 8;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly string[] prefixes = [.. prefixes];

    /// <summary>The text with <c>[key]</c> in place of each word that begins like a key.</summary>
    public string Without(string text)
    {
        foreach (var prefix in prefixes)
            text = Without(text, prefix);
        return text;
    }

    // One pass: what a server says may be as long as an answer.
    private static string Without(string text, string prefix)
    {
        var kept = new StringBuilder();
        var from = 0;
        for (var at = text.IndexOf(prefix, StringComparison.Ordinal); at >= 0;)
        {
            var length = KeyLength(text, at, prefix);
            if (length > 0)
            {
                kept.Append(text, from, at - from).Append("[key]");
                from = at + length;
            }

            at = text.IndexOf(prefix, at + Math.Max(length, 1), StringComparison.Ordinal);
        }

        return from == 0 ? text : kept.Append(text, from, text.Length - from).ToString();
    }

    private static int KeyLength(string text, int at, string prefix)
    {
        var rest = text.AsSpan(at + prefix.Length);
        var length = rest.IndexOfAnyExcept(KeyCharacters);
        length = length < 0 ? rest.Length : length;
        return length >= ShortestRest && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) ? prefix.Length + length : 0;
    }
}
