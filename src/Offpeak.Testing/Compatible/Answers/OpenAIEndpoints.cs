namespace Offpeak.Testing.Compatible;

/// <summary>The endpoints a batch may name (OpenAI API reference: Create batch).</summary>
internal static class OpenAIEndpoints
{
    public const string Chat = "/v1/chat/completions";
    public const string Responses = "/v1/responses";
    public const string Embeddings = "/v1/embeddings";

    public const string Moderations = "/v1/moderations";

    public static readonly IReadOnlyList<string> Answered = [Responses, Chat, Embeddings, Moderations];

    public static readonly IReadOnlyList<string> All =
        [.. Answered, "/v1/completions", "/v1/images/generations", "/v1/images/edits", "/v1/videos"];

    /// <summary>Azure's dated versions name endpoints without <c>/v1</c>.</summary>
    public static string Versioned(string endpoint) => endpoint.StartsWith("/v1/", StringComparison.Ordinal) ? endpoint : "/v1" + endpoint;
}
