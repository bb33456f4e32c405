namespace Offpeak.Testing;

/// <summary>Short plausible texts made of the words of the question.</summary>
internal sealed class PlausibleText
{
    private const int Examined = 300;
    private const int SummaryWords = 12;

    private readonly List<string> words = [];

    public PlausibleText(string question)
    {
        Question = question;
        var text = question.AsSpan(0, Math.Min(question.Length, Examined));
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isLetter = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '\'' or '-');
            if (isLetter && start < 0)
                start = i;
            else if (!isLetter && start >= 0)
            {
                words.Add(text[start..i].ToString());
                start = -1;
            }
        }

        if (words.Count == 0)
            words.Add("nothing");
    }

    public string Question { get; }

    /// <summary>The longest word, which most often carries the subject.</summary>
    public string Category => words.MaxBy(word => word.Length)!.ToLowerInvariant();

    public string Summary => string.Join(' ', words.Take(SummaryWords));

    public string Sentence(ulong hash) => (hash % 3) switch
    {
        0 => $"Category: {Category}. Summary: {Summary}.",
        1 => $"This is about {Category}. In short: {Summary}.",
        _ => $"{Summary}. The subject is {Category}.",
    };

    public string Phrase(ulong hash)
    {
        var first = (int)(hash % (ulong)words.Count);
        return string.Join(' ', words.Skip(first).Take(3));
    }
}
