using Microsoft.Extensions.Configuration;
using Offpeak.Anthropic;
using Offpeak.Providers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the Anthropic provider.</summary>
public static class AnthropicServiceCollectionExtensions
{
    /// <summary>
    /// Adds Anthropic's Message Batches as an <see cref="IBatchProvider"/>. Settings come from the host's configuration (see
    /// <see cref="AnthropicOptions.FromConfiguration"/>), then from <paramref name="configure"/>. Nothing is sent, and no SDK type is
    /// loaded, until the provider is used.
    /// </summary>
    public static IServiceCollection AddAnthropic(this IServiceCollection services, Action<AnthropicOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IBatchProvider>(provider =>
        {
            var configuration = provider.GetService<IConfiguration>();
            var options = configuration is null ? new AnthropicOptions() : AnthropicOptions.FromConfiguration(configuration);
            configure?.Invoke(options);
            return new AnthropicBatchProvider(options, provider.GetService<TimeProvider>());
        });
    }
}
