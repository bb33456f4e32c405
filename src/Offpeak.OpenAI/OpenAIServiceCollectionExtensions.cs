using Microsoft.Extensions.Configuration;
using Offpeak.OpenAI;
using Offpeak.OpenAI.Dialects;
using Offpeak.Providers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the OpenAI provider.</summary>
public static class OpenAIServiceCollectionExtensions
{
    /// <summary>
    /// Adds OpenAI's Batch API as an <see cref="IBatchProvider"/>. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration(IConfiguration)"/>), then from <paramref name="configure"/>. Nothing is sent, and no SDK type is
    /// loaded, until the provider is used.
    /// </summary>
    public static IServiceCollection AddOpenAI(this IServiceCollection services, Action<OpenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IBatchProvider>(provider =>
        {
            var configuration = provider.GetService<IConfiguration>();
            var options = configuration is null ? new OpenAIOptions() : OpenAIOptions.FromConfiguration(configuration);
            configure?.Invoke(options);
            return new OpenAIBatchProvider(options, provider.GetService<TimeProvider>());
        });
    }

    /// <summary>
    /// Adds a server that speaks a dialect of OpenAI's Batch API as a provider of this name, so that <c>NAME/model</c> goes to it. The names
    /// azure, groq, together, mistral and openrouter bring their dialect with them. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration(IConfiguration, string)"/>), then from <paramref name="configure"/>.
    /// </summary>
    public static IServiceCollection AddOpenAIEndpoint(this IServiceCollection services, string name, Action<OpenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return services.AddSingleton<IBatchProvider>(provider =>
        {
            var options = EndpointConfiguration.Read(provider.GetService<IConfiguration>(), name);
            configure?.Invoke(options);
            return new OpenAIBatchProvider(options, provider.GetService<TimeProvider>());
        });
    }

    /// <summary>
    /// Adds azure, groq, together, mistral and openrouter, which need nothing but their key, and every endpoint that configuration has a section
    /// <c>Offpeak:Endpoints:NAME</c> for.
    /// </summary>
    public static IServiceCollection AddOpenAIEndpoints(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var name in EndpointConfiguration.Names(configuration))
            services.AddOpenAIEndpoint(name);
        return services;
    }
}
