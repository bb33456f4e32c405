using Microsoft.Extensions.DependencyInjection;
using Offpeak.OpenAI;

namespace Offpeak;

/// <summary>Adds OpenAI's Batch API to Offpeak.</summary>
public static class OpenAIOffpeak
{
    /// <summary>
    /// Adds OpenAI, or another server that speaks its dialect. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration(Microsoft.Extensions.Configuration.IConfiguration)"/>), then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddOpenAI(this OffpeakBuilder builder, Action<OpenAIOptions>? configure = null)
    {
        builder.Services.AddOpenAI(configure);
        return builder;
    }

    /// <summary>
    /// Adds a server that speaks a dialect of OpenAI's Batch API as a provider of this name: azure, groq, together, mistral, openrouter, or a
    /// name of your own. Settings come from the section <c>Offpeak:Endpoints:NAME</c> and the environment, then from
    /// <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddOpenAIEndpoint(this OffpeakBuilder builder, string name, Action<OpenAIOptions>? configure = null)
    {
        builder.Services.AddOpenAIEndpoint(name, configure);
        return builder;
    }
}
