using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Local;
using Offpeak.Providers;

namespace Offpeak;

/// <summary>Adds chat clients that this process calls itself.</summary>
public static class LocalOffpeak
{
    /// <summary>
    /// Adds any chat client as a provider: <c>offpeak.AddLocal(_ => new OllamaApiClient(…))</c>. Settings come from the configuration section
    /// <c>Offpeak:Local</c>, then from <paramref name="configure"/>.
    /// </summary>
    public static OffpeakBuilder AddLocal(this OffpeakBuilder builder, Func<IServiceProvider, IChatClient> client, Action<LocalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        builder.Services.AddSingleton<IBatchProvider>(services =>
        {
            var options = new LocalOptions();
            services.GetService<IConfiguration>()?.GetSection("Offpeak:Local").Bind(options);
            configure?.Invoke(options);
            return new LocalBatchProvider(client(services), options, services.GetService<TimeProvider>());
        });
        return builder;
    }
}
