using Microsoft.Extensions.Configuration;
using Offpeak.OpenAI;
using Offpeak.Providers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the OpenAI provider.</summary>
public static class OpenAIServiceCollectionExtensions
{
    /// <summary>
    /// Adds OpenAI's Batch API as an <see cref="IBatchProvider"/>. Settings come from the host's configuration (see
    /// <see cref="OpenAIOptions.FromConfiguration"/>), then from <paramref name="configure"/>. Nothing is sent, and no SDK type is
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
}
