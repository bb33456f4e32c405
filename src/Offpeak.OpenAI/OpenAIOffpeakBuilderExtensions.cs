using System.ClientModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Local;
using Offpeak.OpenAI;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Local;
using Offpeak.OpenAI.Wire;

namespace Offpeak;

/// <summary>Adds OpenAI's Batch API, servers that speak its dialect, and servers that speak chat completions but have no batches.</summary>
public static class OpenAIOffpeakBuilderExtensions
{
    /// <summary>Where Ollama listens when nothing else is said (Ollama documentation, OpenAI compatibility).</summary>
    public const string DefaultLocalBaseUrl = "http://localhost:11434/v1";

    /// <summary>
    /// Adds OpenAI, or another server that speaks its dialect. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration(IConfiguration)"/>), then from <paramref name="configure"/>. Nothing is sent, and no SDK
    /// type is loaded, until the provider is used.
    /// </summary>
    public static OffpeakBuilder AddOpenAI(this OffpeakBuilder builder, Action<OpenAIOptions>? configure = null) =>
        builder.AddProvider(OpenAIOptions.FromConfiguration, configure, (options, time) => new OpenAIBatchProvider(options, time));

    /// <summary>
    /// Adds a server that speaks a dialect of OpenAI's Batch API as a provider of this name, so that <c>NAME/model</c> goes to it: azure,
    /// groq, together, mistral and openrouter bring their dialect with them, or a name of your own. Settings come from the section
    /// <c>Offpeak:Endpoints:NAME</c> and the environment, then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddOpenAIEndpoint(this OffpeakBuilder builder, string name, Action<OpenAIOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return builder.AddProvider(
            configuration => OpenAIOptions.FromConfiguration(configuration, name), configure, (options, time) => new OpenAIBatchProvider(options, time));
    }

    /// <summary>
    /// Adds azure, groq, together, mistral and openrouter, which need nothing but their key, and every endpoint that configuration has a
    /// section <c>Offpeak:Endpoints:NAME</c> for.
    /// </summary>
    public static OffpeakBuilder AddOpenAIEndpoints(this OffpeakBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var name in Endpoints.Names(configuration))
            builder.AddOpenAIEndpoint(name);
        return builder;
    }

    /// <summary>
    /// Adds a server of one's own (Ollama, vLLM, llama.cpp), or a provider without a Batch API, as the provider <c>local</c>: each entry is one
    /// synchronous call. Its address comes from <c>LOCAL_BASE_URL</c>, its key, if it wants one, from <c>LOCAL_API_KEY</c>, further settings from
    /// the section <c>Offpeak:Local</c>, then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddLocalServer(this OffpeakBuilder builder, Action<LocalOptions>? configure = null) => builder.AddLocal(
        services =>
        {
            var configuration = services.GetService<IConfiguration>();
            var baseUrl = configuration?["LOCAL_BASE_URL"] is { Length: > 0 } url ? url : DefaultLocalBaseUrl;
            var key = configuration?["LOCAL_API_KEY"] is { Length: > 0 } given ? given : "none";
            return new ServerChatClient(new Uri(baseUrl), new ApiKeyCredential(key));
        },
        options =>
        {
            options.Classify = ServerChatClient.Classify;
            options.KeyPrefixes = OpenAIErrorWords.KeyPrefixes;
            configure?.Invoke(options);
        });
}
