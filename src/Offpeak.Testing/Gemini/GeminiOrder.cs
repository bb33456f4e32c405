namespace Offpeak.Testing.Gemini;

/// <summary>A batch as Gemini's create call describes it.</summary>
/// <param name="Number">1 for the first batch this emulator made.</param>
/// <param name="Input">The input file; null for requests that came inline.</param>
/// <param name="InputPath">Where the requests stand, one on each line.</param>
/// <param name="Model">The model, without its collection.</param>
/// <param name="IsEmbedding">Whether it is a batch of embeddings.</param>
/// <param name="InlineCount">Number of requests that came inline; 0 for a file.</param>
internal sealed record GeminiOrder(int Number, EmulatedFile? Input, string InputPath, string Model, bool IsEmbedding, int InlineCount)
    : BatchOrder(
        GeminiRoutes.Provider, Number, Input, Input is null ? "" : "files/" + Input.Id,
        $"/v1beta/models/{Model}:{(IsEmbedding ? "embedContent" : "generateContent")}")
{
    public required string DisplayName { get; init; }

    public bool IsInline => Input is null;

    /// <summary>Bytes of the input file, or of the create call that carried the requests.</summary>
    public required long InputBytes { get; init; }

    public override long EnqueuedTokens => InputBytes / 4;
}
