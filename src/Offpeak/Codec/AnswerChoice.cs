namespace Offpeak.Codec;

/// <summary>One of the answers that a model gave to one request.</summary>
/// <param name="Text">Its text, joined; null if it has none.</param>
/// <param name="Parts">The texts that it came in.</param>
public sealed record AnswerChoice(string? Text, IReadOnlyList<string> Parts)
{
    private const string Fence = "```";

    // A model that writes more of them has lost itself; each costs a reading.
    private const int MostParts = 20;

    /// <summary>
    /// What of it may be the JSON that was asked for, the likeliest first: the whole text, the text without the one fence around it, each part,
    /// each part without its fence.
    /// </summary>
    public IEnumerable<string> Candidates()
    {
        if (Text is null)
            yield break;

        foreach (var whole in WithoutFence(Text))
            yield return whole;

        if (Parts.Count < 2)
            yield break;

        foreach (var part in Parts.Take(MostParts).SelectMany(WithoutFence))
            yield return part;
    }

    private static IEnumerable<string> WithoutFence(string text)
    {
        yield return text;
        var trimmed = text.AsMemory().Trim();
        if (trimmed.Length < 2 * Fence.Length || !trimmed.Span.StartsWith(Fence, StringComparison.Ordinal)
            || !trimmed.Span.EndsWith(Fence, StringComparison.Ordinal))
            yield break;

        var inner = trimmed[Fence.Length..^Fence.Length];
        if (inner.Span.StartsWith("json", StringComparison.OrdinalIgnoreCase))
            inner = inner[4..];

        yield return inner.Trim().ToString();
    }
}
