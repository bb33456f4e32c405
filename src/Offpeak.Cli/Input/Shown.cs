using System.Globalization;

namespace Offpeak.Cli.Input;

/// <summary>Makes text from an input file safe to print: it may be long, or hold terminal control sequences.</summary>
internal static class Shown
{
    private const int Longest = 60;
    private const int MostNames = 30;

    public static string Quoted(string text) => $"\"{Plain(text)}\"";

    public static string Plain(string text)
    {
        var head = text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
        return string.Concat(head.Select(c => IsPrintable(c) ? c : '?'));
    }

    public static string List(IReadOnlyCollection<string> names)
    {
        var shown = string.Join(", ", names.Take(MostNames).Select(Plain));
        return names.Count <= MostNames ? shown : $"{shown} and {names.Count - MostNames} more";
    }

    // Format characters turn the direction of the text around them; surrogates may have lost their other half.
    private static bool IsPrintable(char c) =>
        !char.IsControl(c) && !char.IsSurrogate(c)
        && char.GetUnicodeCategory(c) is not UnicodeCategory.Format
            and not UnicodeCategory.LineSeparator
            and not UnicodeCategory.ParagraphSeparator;
}
