using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Kit.Http;

/// <summary>Takes out of texts what looks like a key, because servers repeat the key that they refuse.</summary>
/// <param name="prefixes">How such keys begin: <c>sk-</c>.</param>
[Experimental("OFFPEAK001")]
public sealed class KeyText(IEnumerable<string> prefixes)
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

    private static string Without(string text, string prefix)
    {
        for (var at = text.IndexOf(prefix, StringComparison.Ordinal); at >= 0; at = text.IndexOf(prefix, at + 1, StringComparison.Ordinal))
        {
            var rest = text.AsSpan(at + prefix.Length);
            var length = rest.IndexOfAnyExcept(KeyCharacters);
            length = length < 0 ? rest.Length : length;
            if (length >= ShortestRest && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])))
                text = string.Concat(text.AsSpan(0, at), "[key]", text.AsSpan(at + prefix.Length + length));
        }

        return text;
    }
}
