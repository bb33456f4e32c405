using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Providers;

namespace Offpeak;

/// <summary>Adds providers; the extensions of the provider packages come down to these.</summary>
public static class ProviderOffpeakBuilderExtensions
{
    /// <summary>Adds a provider, made when it is first asked for. Of two providers with one name the later counts.</summary>
    public static OffpeakBuilder AddProvider(this OffpeakBuilder builder, Func<IServiceProvider, IBatchProvider> make)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(make);
        builder.Services.AddSingleton(make);
        return builder;
    }

    /// <summary>Adds a provider whose settings come from the host's configuration, then from code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="read">Makes the settings from the host's configuration, which may be missing.</param>
    /// <param name="configure">Changes them, or null.</param>
    /// <param name="make">Makes the provider from them and the host's clock.</param>
    public static OffpeakBuilder AddProvider<TOptions>(
        this OffpeakBuilder builder,
        Func<IConfiguration?, TOptions> read,
        Action<TOptions>? configure,
        Func<TOptions, TimeProvider?, IBatchProvider> make)
        where TOptions : HttpProviderOptions
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(make);
        return builder.AddProvider(services =>
        {
            var options = read(services.GetService<IConfiguration>());
            configure?.Invoke(options);
            return make(options, services.GetService<TimeProvider>());
        });
    }
}
