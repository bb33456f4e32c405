using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Offpeak.Queues;
using Offpeak.Storage;

namespace Offpeak.Cli;

/// <summary>Builds what a command works with: the store named by <c>--db</c>, the providers, and no background work.</summary>
internal static class CliServices
{
    public const string DefaultDatabase = "offpeak.db";

    private static string? named;

    /// <summary>The database of this process's command, for messages.</summary>
    public static string DatabasePath { get; private set; } = DefaultDatabase;

    /// <summary>A command line that works on this process's database, to be suggested to the user.</summary>
    public static string Suggest(string command) =>
        named is null ? $"offpeak {command}" : $"offpeak {command} --db {(named.Contains(' ', StringComparison.Ordinal) ? $"\"{named}\"" : named)}";

    /// <summary>Opens a database that is only to be looked at or changed: one that is not there is not made.</summary>
    /// <exception cref="OffpeakException">There is none.</exception>
    public static Task<ServiceProvider> OpenExistingAsync(string? db, CancellationToken ct) => Exists(db)
        ? OpenAsync(db, configure: null, ct)
        : throw new OffpeakException(OffpeakErrorCode.Database, $"There is no database {DatabasePath}; name one with --db, or start a batch with 'offpeak run'.");

    public static bool Exists(string? db) => File.Exists(DatabasePath = Resolve(db)) || Directory.Exists(DatabasePath);

    /// <summary>Builds the services without opening the database.</summary>
    public static ServiceProvider Build(string? db, Action<OffpeakOptions>? configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(Environment());
        // Commands in the foreground look at the rows themselves; a chain in memory would be a second one.
        services.AddSingleton<IPollQueue, NoPollQueue>();
        services.AddLogging(ConfigureLogging);
        AddOffpeak(services, db, runInProcess: false, configure);
        var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return provider;
    }

    /// <summary>Opens the database, and makes it if it is not there.</summary>
    public static Task MigrateAsync(ServiceProvider services, CancellationToken ct) => services.GetRequiredService<DatabaseMigration>().RunAsync(ct);

    public static async Task<ServiceProvider> OpenAsync(string? db, Action<OffpeakOptions>? configure, CancellationToken ct)
    {
        var services = Build(db, configure);
        await MigrateAsync(services, ct);
        return services;
    }

    public static void AddOffpeak(IServiceCollection services, string? db, bool runInProcess, Action<OffpeakOptions>? configure)
    {
        named = db;
        DatabasePath = Resolve(db);
        services.AddOffpeak(offpeak =>
        {
            offpeak.RunInProcess = runInProcess;
            offpeak.UseSqlite(DatabasePath);
            offpeak.AddOpenAI();
            offpeak.AddAnthropic();
            offpeak.AddGemini();
            offpeak.AddXAI();
            offpeak.AddOpenAIEndpoints(Environment());
            offpeak.AddLocalServer();
            if (configure is not null)
                offpeak.Configure(configure);
        });
    }

    /// <summary>Quiet unless OFFPEAK_LOG names a level, for example <c>Information</c>.</summary>
    public static void ConfigureLogging(ILoggingBuilder logging)
    {
        if (!Enum.TryParse<LogLevel>(System.Environment.GetEnvironmentVariable("OFFPEAK_LOG"), ignoreCase: true, out var level))
            return;
        logging.SetMinimumLevel(level).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static IConfigurationRoot Environment() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    private static string Resolve(string? db)
    {
        var path = db ?? System.Environment.GetEnvironmentVariable("OFFPEAK_DB");
        if (string.IsNullOrEmpty(path))
            path = DefaultDatabase;
        if (path.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && path.Contains("://", StringComparison.Ordinal))
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "This version stores in SQLite only; give a file name with --db.");
        return path;
    }
}
