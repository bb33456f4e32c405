using System.Globalization;
using System.Text.RegularExpressions;

namespace Offpeak.Testing;

/// <summary>The <see cref="PromptWords"/> that a prompt holds.</summary>
internal sealed partial record AnswerScript
{
    public bool Refuses { get; private init; }

    /// <summary>Google's word for why the answer is blocked; null if it is not.</summary>
    public string? BlockedBy { get; private init; }

    public bool BlocksPrompt { get; private init; }

    public bool IsEmpty { get; private init; }

    public bool IsFenced { get; private init; }

    public bool HasParts { get; private init; }

    public int Thoughts { get; private init; }

    public int Length { get; private init; }

    public int Pauses { get; private init; }

    public string? Text { get; private init; }

    /// <summary>Null if the prompt holds none of the words.</summary>
    public static AnswerScript? Of(string prompt)
    {
        if (!prompt.Contains("[[", StringComparison.Ordinal))
            return null;
        var words = Word().Matches(prompt).GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => group.First().Groups[2].Value);
        var text = Said().Match(prompt);
        return words.Count == 0 && !text.Success ? null : new AnswerScript
        {
            Refuses = words.ContainsKey("refuse"),
            BlockedBy = !words.TryGetValue("block", out var reason) ? null : reason.Length == 0 ? "SAFETY" : reason,
            BlocksPrompt = words.ContainsKey("block-prompt"),
            IsEmpty = words.ContainsKey("empty"),
            IsFenced = words.ContainsKey("fence"),
            HasParts = words.ContainsKey("parts"),
            Thoughts = NumberIn("think"),
            Length = NumberIn("tokens"),
            Pauses = NumberIn("pause"),
            Text = text.Success ? text.Groups[1].Value : null,
        };

        int NumberIn(string word) => words.TryGetValue(word, out var number) && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    [GeneratedRegex(@"\[\[(refuse|block|block-prompt|empty|fence|parts|think|tokens|pause)(?::([A-Za-z0-9_]+))?\]\]")]
    private static partial Regex Word();

    [GeneratedRegex(@"\[\[say:(.*?)\]\]\r?$", RegexOptions.Multiline)]
    private static partial Regex Said();
}
