using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Offpeak.Cli;

/// <summary>Builds what a command works with: the database, the providers, and no background work.</summary>
internal static class CliServices
{
    /// <summary>Opens a database that is only to be looked at or changed: one that is not there is not made.</summary>
    /// <exception cref="OffpeakException">There is none.</exception>
    public static Task<ServiceProvider> OpenExistingAsync(Database database, CancellationToken ct) => database.Exists
        ? OpenAsync(database, ct)
        : throw new OffpeakException(
            OffpeakErrorCode.InvalidInput, $"There is no database {database.Name}; name one with --db, or start a batch with 'offpeak run'.");

    /// <summary>Opens a database, and makes it if it is not there.</summary>
    public static async Task<ServiceProvider> OpenAsync(Database database, CancellationToken ct)
    {
        var services = Build(database, configure: null);
        await SetUpAsync(services, ct);
        return services;
    }

    /// <summary>Builds the services without opening the database.</summary>
    /// <exception cref="OptionsValidationException">A setting cannot work.</exception>
    public static ServiceProvider Build(Database database, Action<OffpeakOptions>? configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(ConfigureLogging);
        Add(services, Environment(), database, isWorker: false, configure);
        var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return provider;
    }

    /// <summary>Makes or upgrades the database's tables.</summary>
    public static Task SetUpAsync(ServiceProvider services, CancellationToken ct) => services.GetRequiredService<DatabaseSetup>().RunAsync(ct);

    public static void Add(
        IServiceCollection services, IConfiguration configuration, Database database, bool isWorker, Action<OffpeakOptions>? configure)
    {
        services.AddSingleton(configuration);
        services.AddOffpeak(offpeak =>
        {
            database.UseIn(offpeak).RunWorkers(isWorker).RunSweeps(isWorker)
                .AddOpenAI().AddAnthropic().AddGemini().AddXAI().AddOpenAIEndpoints(configuration).AddLocalServer();
            if (configure is not null)
                offpeak.Configure(configure);
        });
    }

    public static IConfigurationRoot Environment() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    // Quiet unless OFFPEAK_LOG names a level, for example Information.
    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        if (!Enum.TryParse<LogLevel>(System.Environment.GetEnvironmentVariable("OFFPEAK_LOG"), ignoreCase: true, out var level))
            return;

        logging.SetMinimumLevel(level).AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
