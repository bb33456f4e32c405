using Offpeak.Words;

namespace Offpeak.Cli;

/// <summary>The word that was probably meant, as a sentence.</summary>
internal static class Nearest
{
    /// <summary><c> Did you mean run?</c>, or nothing if no word is near.</summary>
    public static string Suggest(string word, IEnumerable<string> known, Func<string, string>? show = null) =>
        NearestWord.Of(word, known, least: 1) is { } nearest ? $" Did you mean {show?.Invoke(nearest) ?? nearest}?" : "";
}
