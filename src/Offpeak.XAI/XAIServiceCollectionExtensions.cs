using Microsoft.Extensions.Configuration;
using Offpeak.Providers;
using Offpeak.XAI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the xAI provider.</summary>
public static class XAIServiceCollectionExtensions
{
    /// <summary>
    /// Adds xAI's Batch API as an <see cref="IBatchProvider"/>. Settings come from the host's configuration (see
    /// <see cref="XAIOptions.FromConfiguration"/>), then from <paramref name="configure"/>. Nothing is sent, and no SDK type is loaded,
    /// until the provider is used.
    /// </summary>
    public static IServiceCollection AddXAI(this IServiceCollection services, Action<XAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IBatchProvider>(provider =>
        {
            var configuration = provider.GetService<IConfiguration>();
            var options = configuration is null ? new XAIOptions() : XAIOptions.FromConfiguration(configuration);
            configure?.Invoke(options);
            return new XAIBatchProvider(options, provider.GetService<TimeProvider>());
        });
    }
}
