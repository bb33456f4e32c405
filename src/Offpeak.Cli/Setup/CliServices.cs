using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Offpeak.Storage;

namespace Offpeak.Cli;

/// <summary>Builds what a command works with: the database, the providers, and no background work.</summary>
internal static class CliServices
{
    private static readonly Dictionary<string, Func<OffpeakBuilder, OffpeakBuilder>> Providers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openai"] = offpeak => offpeak.AddOpenAI(),
        ["anthropic"] = offpeak => offpeak.AddAnthropic(),
        ["gemini"] = offpeak => offpeak.AddGemini(),
        ["xai"] = offpeak => offpeak.AddXAI(),
        ["local"] = offpeak => offpeak.AddLocalServer(),
    };

    /// <summary>The code for a database without Offpeak's tables, which no other schema of it has either.</summary>
    public static readonly OffpeakErrorCode NoTables = new("no_tables");

    /// <summary>Opens a database that is only to be looked at or changed: neither one that is not there nor tables are made.</summary>
    /// <exception cref="OffpeakException">There is none, or there are none (<see cref="NoTables"/>).</exception>
    public static async Task<ServiceProvider> OpenExistingAsync(Database database, CancellationToken ct, IReadOnlyCollection<string>? providers = null)
    {
        if (!database.Exists)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"There is no database {database.Name}; name one with --db, or start a batch with 'offpeak run'.");
        }

        var services = Build(database, CliConfiguration.Environment(), configure: null, providers);
        try
        {
            RequireTables(database, await services.GetRequiredService<DatabaseSetup>().FindTablesAsync(ct));
            await SetUpAsync(services, ct);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    private static void RequireTables(Database database, FoundTables found)
    {
        if (found is { AreThere: false, OtherSchemas: [var schema, ..] })
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"{database.Name} has no tables of Offpeak where it points, but in the schema {string.Join(", ", found.OtherSchemas)}: "
                + $"add ?search_path={schema} to the URL (;Search Path={schema} to a connection string).");
        }

        if (!found.AreThere)
            throw new OffpeakException(NoTables, $"{database.Name} has no tables of Offpeak; name another database with --db, or start a batch with 'offpeak run'.");
    }

    /// <summary>Opens a database, and makes it if it is not there.</summary>
    public static async Task<ServiceProvider> OpenAsync(Database database, CancellationToken ct, IReadOnlyCollection<string>? providers = null)
    {
        var services = Build(database, CliConfiguration.Environment(), configure: null, providers);
        await SetUpAsync(services, ct);
        return services;
    }

    /// <summary>Builds the services without opening the database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="configuration">Settings.</param>
    /// <param name="configure">Changes settings; null for none.</param>
    /// <param name="providers">Names of the providers that are needed, so that the others need not be loaded; null for all.</param>
    /// <exception cref="OptionsValidationException">A setting cannot work.</exception>
    public static ServiceProvider Build(
        Database database, IConfiguration configuration, Action<OffpeakOptions>? configure, IReadOnlyCollection<string>? providers)
    {
        var services = new ServiceCollection();
        services.AddLogging(ConfigureLogging);
        Add(services, configuration, database, isWorker: false, configure, providers);
        var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return provider;
    }

    /// <summary>Makes or upgrades the database's tables.</summary>
    public static Task SetUpAsync(ServiceProvider services, CancellationToken ct) => services.GetRequiredService<DatabaseSetup>().RunAsync(ct);

    public static void Add(
        IServiceCollection services,
        IConfiguration configuration,
        Database database,
        bool isWorker,
        Action<OffpeakOptions>? configure,
        IReadOnlyCollection<string>? providers)
    {
        services.AddSingleton(configuration);
        services.AddOffpeak(offpeak =>
        {
            database.UseIn(offpeak).RunWorkers(isWorker).RunSweeps(isWorker);
            AddProviders(offpeak, configuration, providers);
            if (configure is not null)
                offpeak.Configure(configure);
        });
    }

    // A name that is none of ours is an endpoint of the configuration, or a mistake, which is answered with the names of all.
    private static void AddProviders(OffpeakBuilder offpeak, IConfiguration configuration, IReadOnlyCollection<string>? names)
    {
        var all = names is null || !names.All(Providers.ContainsKey);
        foreach (var name in all ? Providers.Keys : names!.Distinct(StringComparer.OrdinalIgnoreCase))
            Providers[name](offpeak);

        if (all)
            offpeak.AddOpenAIEndpoints(configuration);
    }

    // Quiet unless OFFPEAK_LOG names a level, for example Information.
    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        if (!Enum.TryParse<LogLevel>(Environment.GetEnvironmentVariable("OFFPEAK_LOG"), ignoreCase: true, out var level))
            return;

        logging.SetMinimumLevel(level).AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
