using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Local;

namespace Offpeak;

/// <summary>Adds chat clients that this process calls itself.</summary>
public static class LocalOffpeakBuilderExtensions
{
    /// <summary>
    /// Adds any chat client as a provider: <c>offpeak.AddLocal(_ => new OllamaApiClient(…))</c>. Settings come from the configuration section
    /// <c>Offpeak:Local</c>, then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddLocal(this OffpeakBuilder builder, Func<IServiceProvider, IChatClient> client, Action<LocalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return builder.AddProvider(services =>
        {
            var options = LocalOptions.FromConfiguration(services.GetService<IConfiguration>());
            configure?.Invoke(options);
            return new LocalBatchProvider(client(services), options, services.GetService<TimeProvider>());
        });
    }
}
