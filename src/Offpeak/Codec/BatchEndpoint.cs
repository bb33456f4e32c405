namespace Offpeak.Codec;

/// <summary>The kind of request a batch holds, named by the path of OpenAI's synchronous endpoint. Unknown paths pass through.</summary>
/// <param name="Path">The path, for example <c>/v1/responses</c>.</param>
public readonly record struct BatchEndpoint(string Path)
{
    /// <summary>OpenAI Responses; also the neutral default for providers with a single endpoint.</summary>
    public static readonly BatchEndpoint Responses = new("/v1/responses");

    /// <summary>Chat completions.</summary>
    public static readonly BatchEndpoint Chat = new("/v1/chat/completions");

    /// <summary>Embeddings.</summary>
    public static readonly BatchEndpoint Embeddings = new("/v1/embeddings");

    /// <summary>Whether its answers are chat completions. Azure writes the paths without <c>/v1</c>.</summary>
    public bool IsChat => Path?.EndsWith("/chat/completions", StringComparison.Ordinal) == true;

    /// <summary>Whether its answers are OpenAI Responses.</summary>
    public bool IsResponses => Path?.EndsWith("/responses", StringComparison.Ordinal) == true;

    /// <summary>Whether its answers have text at all.</summary>
    public bool HasText => IsChat || IsResponses;

    /// <inheritdoc/>
    public override string ToString() => Path ?? "";
}
