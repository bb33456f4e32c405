using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Offpeak.Diagnostics;
using Offpeak.Entries;
using Offpeak.Flow;
using Offpeak.Flow.Advance;
using Offpeak.Flow.Poll;
using Offpeak.Flow.Submit;
using Offpeak.Handlers;
using Offpeak.Hosting;
using Offpeak.Models;
using Offpeak.Options;
using Offpeak.Providers;
using Offpeak.Sweeps;
using Offpeak.Tools;
using Offpeak.Work;

namespace Offpeak;

/// <summary>Registers Offpeak with a host.</summary>
public static class OffpeakServiceCollectionExtensions
{
    /// <summary>
    /// Adds Offpeak: <c>services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI())</c>. Settings are read from the
    /// configuration section <c>Offpeak</c> and validated at start-up. Where there is no configuration, as in a program without a host, it is the
    /// environment.
    /// </summary>
    public static IServiceCollection AddOffpeak(this IServiceCollection services, Action<OffpeakBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddLogging();
        services.AddOptions<OffpeakOptions>().Configure<IServiceProvider>(ReadConfiguration).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OffpeakOptions>, OffpeakOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IConfiguration>(_ => new ConfigurationBuilder().AddEnvironmentVariables().Build());
        AddCore(services);
        AddFlow(services);
        AddSweeps(services);
        AddDoor(services);

        var builder = new OffpeakBuilder(services);
        configure(builder);
        services.AddSingleton<IHostedService>(provider => new DatabaseStartup(provider.GetRequiredService<DatabaseSetup>()));
        if (builder.HasWorkers)
            AddWorkers(services);
        else
            services.TryAddSingleton<IWorkQueue, NoWorkQueue>();

        if (builder.HasSweeps)
            services.AddSingleton<IHostedService, SweepService>();

        return services;
    }

    // A host's own queue does the work by itself; one of ours in memory needs somebody who does it.
    private static void AddWorkers(IServiceCollection services)
    {
        services.TryAddSingleton<InProcessWorkQueue>();
        services.TryAddSingleton<IWorkQueue>(provider => provider.GetRequiredService<InProcessWorkQueue>());
        services.AddSingleton<IHostedService, WorkerService>();
    }

    private static void ReadConfiguration(OffpeakOptions options, IServiceProvider services)
    {
        OffpeakConfiguration.Read(services.GetRequiredService<IConfiguration>().GetSection("Offpeak"), options);
    }

    private static void AddCore(IServiceCollection services)
    {
        services.TryAddSingleton<WorkerIdentity>();
        services.TryAddSingleton<FlowProbe>();
        services.TryAddSingleton<IErrorReporter, LogErrorReporter>();
        services.TryAddSingleton(new Jitter(Random.Shared));
        services.AddSingleton<ProviderRegistry>();
        services.AddSingleton<HandlerRegistry>();
        services.AddSingleton<ToolRegistry>();
        services.AddSingleton(ModelsFrom);
        services.AddSingleton<Leases>();
        services.AddSingleton<WorkSlots>();
        services.AddSingleton<ReadEntries>();
        services.AddSingleton<FlowContext>();
    }

    private static void AddFlow(IServiceCollection services)
    {
        services.AddSingleton<MakeBatch>();
        services.AddSingleton<AddEntries>();
        services.AddSingleton<EstimateCost>();
        services.AddSingleton<CheckBudget>();
        services.AddSingleton<ShardPlanner>();
        services.AddSingleton<SubmitBatch>();
        services.AddSingleton<RecordAcceptance>();
        services.AddSingleton<Doubles>();
        services.AddSingleton<CloseUnsent>();
        services.AddSingleton<CleanUpShard>();
        services.AddSingleton<MakeRoom>();
        services.AddSingleton<SubmitShard>();
        services.AddSingleton<ReconcileShard>();
        services.AddSingleton<ResolveShard>();
        services.AddSingleton<ReschedulePoll>();
        services.AddSingleton<RecordSnapshot>();
        services.AddSingleton<ReviewAnswers>();
        services.AddSingleton<ApplyResults>();
        services.AddSingleton<IngestResults>();
        services.AddSingleton<PollShard>();
        services.AddSingleton<GiveUpShard>();
        services.AddSingleton<ToolCalls>();
        services.AddSingleton<ContinueEntries>();
        services.AddSingleton<StepEntries>();
        services.AddSingleton<AdvanceBatch>();
        services.AddSingleton<UnknownHandlers>();
        services.AddSingleton<DispatchHandler>();
        services.AddSingleton<WorkSteps>();
        services.AddSingleton<CancelBatch>();
        services.AddSingleton<RetryBatch>();
        services.AddSingleton<DeleteBatch>();
        services.AddTransient<DriveBatch>();
    }

    private static void AddSweeps(IServiceCollection services)
    {
        services.AddSingleton<SweepPages>();
        services.AddSingleton<ISweep, ReconcileSubmissions>();
        services.AddSingleton<ISweep, SubmitPendingBatches>();
        services.AddSingleton<ISweep, ResumeStalledPolls>();
        services.AddSingleton<ISweep, ExpireStuckBatches>();
        services.AddSingleton<ISweep, CleanUpProviderFiles>();
        services.AddSingleton<ISweep, PurgeOldBatches>();
    }

    // Their constructors are not public: nobody outside can make the parts that they need. All of them read the settings first, because a program
    // without a host has no start of its own that a wrong one could stop.
    private static void AddDoor(IServiceCollection services)
    {
        services.AddSingleton<PassWork>();
        services.AddSingleton<Func<DriveBatch>>(provider => provider.GetRequiredService<DriveBatch>);
        services.AddSingleton<BatchSteps>();
        services.AddSingleton(provider => new BatchClient(CheckedFlow(provider), provider.GetRequiredService<BatchSteps>()));
        services.AddSingleton(provider => new WorkRunner(CheckedFlow(provider), provider.GetRequiredService<WorkSteps>()));
        services.AddSingleton(provider => new DatabaseSetup(CheckedFlow(provider).Store));
        services.AddSingleton(provider => new Maintenance(
            provider.GetServices<ISweep>(), CheckedFlow(provider), provider.GetRequiredService<WorkRunner>()));
    }

    private static FlowContext CheckedFlow(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return provider.GetRequiredService<FlowContext>();
    }

    private static ModelTable ModelsFrom(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return options is { Prices.Count: 0, Models.Count: 0 } ? ModelTable.BuiltIn : ModelTable.BuiltIn.With(options.Models, options.Prices);
    }
}
