using System.ClientModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Local;
using Offpeak.OpenAI.Local;

namespace Offpeak;

/// <summary>Adds a server that speaks chat completions but has no batches.</summary>
public static class LocalServerOffpeak
{
    /// <summary>Where Ollama listens when nothing else is said (Ollama documentation, OpenAI compatibility).</summary>
    public const string DefaultBaseUrl = "http://localhost:11434/v1";

    /// <summary>
    /// Adds a server of one's own (Ollama, vLLM, llama.cpp), or a provider without a Batch API, as the provider <c>local</c>: each entry is one
    /// synchronous call. Its address comes from <c>LOCAL_BASE_URL</c>, its key, if it wants one, from <c>LOCAL_API_KEY</c>, further settings from
    /// the section <c>Offpeak:Local</c>, then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddLocalServer(this OffpeakBuilder builder, Action<LocalOptions>? configure = null) => builder.AddLocal(
        services =>
        {
            var configuration = services.GetService<IConfiguration>();
            var baseUrl = configuration?["LOCAL_BASE_URL"] is { Length: > 0 } url ? url : DefaultBaseUrl;
            var key = configuration?["LOCAL_API_KEY"] is { Length: > 0 } given ? given : "none";
            return new ServerChatClient(new Uri(baseUrl), new ApiKeyCredential(key));
        },
        options =>
        {
            options.Classify = ServerChatClient.Classify;
            configure?.Invoke(options);
        });
}
