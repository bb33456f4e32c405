namespace Offpeak.Cli;

/// <summary>The word that was probably meant.</summary>
internal static class Nearest
{
    /// <summary><c> Did you mean run?</c>, or nothing if no word is near.</summary>
    public static string Suggest(string word, IEnumerable<string> known, Func<string, string>? show = null)
    {
        var nearest = known.MinBy(candidate => Distance(word, candidate));
        return nearest is null || Distance(word, nearest) > Math.Max(1, word.Length / 3) ? "" : $" Did you mean {show?.Invoke(nearest) ?? nearest}?";
    }

    // Levenshtein's distance; case costs nothing.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
