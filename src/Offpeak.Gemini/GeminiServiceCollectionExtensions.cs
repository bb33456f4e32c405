using Microsoft.Extensions.Configuration;
using Offpeak.Gemini;
using Offpeak.Providers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Gemini provider.</summary>
public static class GeminiServiceCollectionExtensions
{
    /// <summary>
    /// Adds Google's Gemini Batch API as an <see cref="IBatchProvider"/>. Settings come from the host's configuration (see
    /// <see cref="GeminiOptions.FromConfiguration"/>), then from <paramref name="configure"/>. Nothing is sent until the provider is used.
    /// </summary>
    public static IServiceCollection AddGemini(this IServiceCollection services, Action<GeminiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IBatchProvider>(provider =>
        {
            var configuration = provider.GetService<IConfiguration>();
            var options = configuration is null ? new GeminiOptions() : GeminiOptions.FromConfiguration(configuration);
            configure?.Invoke(options);
            return new GeminiBatchProvider(options, provider.GetService<TimeProvider>());
        });
    }
}
