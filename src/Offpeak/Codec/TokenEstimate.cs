namespace Offpeak.Codec;

/// <summary>The input tokens of a request, counted or estimated before it is sent.</summary>
/// <param name="Tokens">Number of tokens.</param>
/// <param name="Method">How they were counted, for people: <c>o200k_base</c>, or <c>bytes / 4</c>.</param>
/// <param name="IsCounted">Whether the model's own tokenizer was used; false means a rule of thumb.</param>
public readonly record struct TokenEstimate(long Tokens, string Method, bool IsCounted)
{
    /// <summary>The rule of thumb for English text and JSON: four bytes a token. Other languages need more, images fewer.</summary>
    public static TokenEstimate FromBytes(long bytes) => new((bytes + 3) / 4, "bytes / 4", false);
}
