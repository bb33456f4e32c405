using Microsoft.AspNetCore.Builder;
using Offpeak.Testing.Compatible;
using Offpeak.Testing.OpenAI;

namespace Offpeak.Testing.Dialects;

/// <summary>Servers that speak OpenAI's batch API with an accent, each under a path of its own.</summary>
internal sealed record EmulatedDialects : EmulatedProvider
{
    private static readonly ServerFlavor AzureV1 = new("azure", "/azure/openai/v1")
    {
        KeyHeader = "api-key",
        FilesArePendingAtFirst = true,
        HasEmptyErrorFiles = true,
    };

    private static readonly ServerFlavor AzureDated = AzureV1 with
    {
        Root = "/azure/openai",
        RequiredQuery = "api-version",
        Endpoints = ["/chat/completions", "/responses", "/embeddings"],
        HasIsoTimes = true,
        Dialect = new OpenAIDialect { StatusSpelling = StatusSpelling.TitleCase, ListWrapper = ListWrapper.Value },
    };

    private static readonly ServerFlavor Groq = new("groq", "/groq/openai/v1")
    {
        Windows = [.. Enumerable.Range(24, 145).Select(hours => $"{hours}h"), .. Enumerable.Range(1, 7).Select(days => $"{days}d")],
        Endpoints = [OpenAIEndpoints.Chat],
    };

    private static readonly ServerFlavor Together = new("together", "/together/v1")
    {
        UploadPath = "upload",
        FilePurpose = "batch-api",
        TakesMetadata = false,
        HasBareLines = true,
        HasIsoTimes = true,
        Endpoints = [OpenAIEndpoints.Chat],
        Dialect = new OpenAIDialect
        {
            StatusSpelling = StatusSpelling.UpperCase,
            ListWrapper = ListWrapper.BareArray,
            WrapCreatedJob = true,
        },
    };

    internal override void Map(WebApplication app, EmulatorState state)
    {
        foreach (var flavor in (ServerFlavor[])[AzureV1, AzureDated, Groq, Together])
            OpenAIRoutes.Map(app, state, flavor);
        MistralRoutes.Map(app, state);
        OpenRouterRoutes.Map(app, state);
    }
}
