using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Handlers;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Queues;
using Offpeak.Storage;
using Offpeak.Sweeps;
using Offpeak.Tools;

namespace Offpeak;

/// <summary>Registers Offpeak with a host.</summary>
public static class OffpeakServices
{
    /// <summary>
    /// Adds Offpeak: <c>services.AddOffpeak(offpeak => offpeak.UseSqlite("offpeak.db").AddOpenAI())</c>. Settings are bound from the
    /// configuration section <c>Offpeak</c> and validated at start-up.
    /// </summary>
    public static IServiceCollection AddOffpeak(this IServiceCollection services, Action<OffpeakBuilder> configure)
    {
        services.AddLogging();
        services.AddOptions<OffpeakOptions>().BindConfiguration("Offpeak").ValidateOnStart();
        services.AddSingleton<IValidateOptions<OffpeakOptions>, OffpeakOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        AddCore(services);
        AddFlow(services);
        AddSweeps(services);

        var builder = new OffpeakBuilder(services);
        configure(builder);
        if (builder.RunInProcess)
        {
            services.AddSingleton<IHostedService, PollWorker>();
            services.AddSingleton<IHostedService, SweepService>();
        }

        return services;
    }

    private static void AddCore(IServiceCollection services)
    {
        services.TryAddSingleton<WorkerIdentity>();
        services.TryAddSingleton<FlowProbe>();
        services.TryAddSingleton<IErrorReporter, LogErrorReporter>();
        services.AddSingleton<ProviderRegistry>();
        services.AddSingleton<HandlerRegistry>();
        services.AddSingleton<ToolRegistry>();
        services.AddSingleton(ModelsFrom);
        services.TryAddSingleton<InProcessPollQueue>();
        services.TryAddSingleton<IPollQueue>(provider => provider.GetRequiredService<InProcessPollQueue>());
        services.AddSingleton<BatchStore>();
        services.AddSingleton<ShardStore>();
        services.AddSingleton<ShardPlanner>();
        services.AddSingleton<EntryStore>();
        services.AddSingleton<TurnStore>();
        services.AddSingleton<DueShards>();
        services.AddSingleton<EntryReader>();
    }

    private static void AddFlow(IServiceCollection services)
    {
        services.AddSingleton<FlowContext>();
        services.AddSingleton<SubmitSignal>();
        services.AddSingleton<EntrySettlement>();
        services.AddSingleton<DescribeBatch>();
        services.AddSingleton<CheckBudget>();
        services.AddSingleton<SealBatch>();
        services.AddSingleton<RecordAcceptance>();
        services.AddSingleton<CancelDouble>();
        services.AddSingleton<SubmitProviderBatch>();
        services.AddSingleton<ReconcileSubmission>();
        services.AddSingleton<ReschedulePoll>();
        services.AddSingleton<RecordSnapshot>();
        services.AddSingleton<ReviewAnswers>();
        services.AddSingleton<IngestResults>();
        services.AddSingleton<PollProviderBatch>();
        services.AddSingleton<DispatchLease>();
        services.AddSingleton<DispatchHandler>();
        services.AddSingleton<TurnLease>();
        services.AddSingleton<ToolCalls>();
        services.AddSingleton<ContinueEntries>();
        services.AddSingleton<SwitchToFallback>();
        services.AddSingleton<AdvanceBatch>();
        services.AddSingleton<CancelBatch>();
        services.AddSingleton<RetryBatch>();
        services.AddSingleton<GiveUpProviderBatch>();
        services.AddTransient<DriveBatch>();
        services.AddSingleton(provider => new BatchClient(
            provider.GetRequiredService<FlowContext>(),
            provider.GetRequiredService<DescribeBatch>(),
            provider.GetRequiredService<SealBatch>(),
            provider.GetRequiredService<CancelBatch>(),
            provider.GetRequiredService<RetryBatch>(),
            provider.GetRequiredService<SubmitSignal>(),
            provider.GetRequiredService<EntryReader>()));
    }

    private static void AddSweeps(IServiceCollection services)
    {
        services.AddSingleton<SweepPages>();
        services.AddSingleton(provider => new ResumeStalledPolls(
            provider.GetRequiredService<FlowContext>(),
            provider.GetRequiredService<DueShards>(),
            provider.GetRequiredService<DispatchLease>(),
            provider.GetRequiredService<IPollQueue>(),
            provider.GetRequiredService<SweepPages>(),
            provider.GetRequiredService<ILogger<ResumeStalledPolls>>()));
        services.AddSingleton(provider => new ReconcileSubmissions(
            provider.GetRequiredService<FlowContext>(),
            provider.GetRequiredService<DueShards>(),
            provider.GetRequiredService<ReconcileSubmission>(),
            provider.GetRequiredService<SubmitSignal>(),
            provider.GetRequiredService<SweepPages>()));
        services.AddSingleton(provider => new SubmitPendingBatches(
            provider.GetRequiredService<FlowContext>(),
            provider.GetRequiredService<DueShards>(),
            provider.GetRequiredService<SubmitProviderBatch>(),
            provider.GetRequiredService<SweepPages>()));
        services.AddSingleton(provider => new ExpireStuckBatches(
            provider.GetRequiredService<FlowContext>(),
            provider.GetRequiredService<DueShards>(),
            provider.GetRequiredService<GiveUpProviderBatch>(),
            provider.GetRequiredService<SweepPages>()));
        services.AddSingleton(provider => new PurgeOldBatches(
            provider.GetRequiredService<FlowContext>(), provider.GetRequiredService<SweepPages>()));
    }

    private static ModelTable ModelsFrom(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OffpeakOptions>>().Value;
        return options is { Prices.Count: 0, Models.Count: 0 } ? ModelTable.BuiltIn : ModelTable.BuiltIn.With(options.Models, options.Prices);
    }
}
