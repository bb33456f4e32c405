using Offpeak.Codec;

namespace Offpeak.OpenAI.Dialects;

/// <summary>The known servers. Sources stand in docs/providers.md; where they disagree the stricter limit is taken.</summary>
internal static class DialectProfiles
{
    private static readonly DialectProfile OpenAI = new() { KeyName = "OPENAI_API_KEY", Capabilities = OpenAICapabilities.Default };

    private static readonly DialectProfile Azure = new()
    {
        KeyName = "AZURE_OPENAI_API_KEY",
        EndpointName = "AZURE_OPENAI_ENDPOINT",
        // A resource has its own address, so there is none to begin with.
        BaseUrl = "",
        KeyHeader = "api-key",
        Expires = false,
        Capabilities = OpenAICapabilities.Default with { MaxEntries = 100_000, Endpoints = [BatchEndpoint.Chat, BatchEndpoint.Responses, BatchEndpoint.Embeddings] },
    };

    private static readonly DialectProfile Groq = new()
    {
        KeyName = "GROQ_API_KEY",
        BaseUrl = "https://api.groq.com/openai/v1",
        // Sources say 25 % off, later ones 50 %; an estimate should rather be too high.
        Capabilities = OpenAICapabilities.Default with { MaxBytes = 100_000_000, PriceFactor = 0.75m, Endpoints = [BatchEndpoint.Chat] },
    };

    private static readonly DialectProfile Together = new()
    {
        KeyName = "TOGETHER_API_KEY",
        BaseUrl = "https://api.together.xyz/v1",
        UploadPath = "files/upload",
        FilePurpose = "batch-api",
        NamesUploads = true,
        Create = CreateForm.FileWithoutMetadata,
        BareLines = true,
        // The window is an aim there, not an end.
        Grace = TimeSpan.FromHours(48),
        BodyNames = new Dictionary<string, string> { ["max_completion_tokens"] = "max_tokens" },
        Capabilities = OpenAICapabilities.Default with { MaxBytes = 100_000_000, Endpoints = [BatchEndpoint.Chat] },
    };

    private static readonly DialectProfile Mistral = new()
    {
        KeyName = "MISTRAL_API_KEY",
        BaseUrl = "https://api.mistral.ai/v1",
        BatchesPath = "batch/jobs",
        Create = CreateForm.Job,
        BareLines = true,
        InlineResults = "outputs",
        InlineQuery = "?inline=true",
        PagesByNumber = true,
        DeletesBatches = true,
        BodyNames = new Dictionary<string, string> { ["model"] = "", ["max_completion_tokens"] = "max_tokens", ["seed"] = "random_seed" },
        Capabilities = OpenAICapabilities.Default with { MaxEntries = 100_000, MaxBytes = 500_000_000, Endpoints = [BatchEndpoint.Chat, BatchEndpoint.Embeddings] },
    };

    private static readonly DialectProfile OpenRouter = new()
    {
        KeyName = "OPENROUTER_API_KEY",
        BaseUrl = "https://openrouter.ai/api/v1",
        Create = CreateForm.Inline,
        BareLines = true,
        InlineResults = "results",
        Cancels = false,
        DeletesBatches = true,
        IsKeyless = true,
        // Batches that Google serves may take up to 96 hours.
        Grace = TimeSpan.FromHours(76),
        Capabilities = OpenAICapabilities.Default with
        {
            MaxEntries = 5_000,
            Endpoints = [BatchEndpoint.Chat, BatchEndpoint.Responses, BatchEndpoint.Embeddings],
        },
    };

    public static DialectProfile Of(ServerDialect dialect) => dialect switch
    {
        ServerDialect.Azure => Azure,
        ServerDialect.Groq => Groq,
        ServerDialect.Together => Together,
        ServerDialect.Mistral => Mistral,
        ServerDialect.OpenRouter => OpenRouter,
        _ => OpenAI,
    };
}
