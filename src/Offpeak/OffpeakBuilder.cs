using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Offpeak.Diagnostics;
using Offpeak.Handlers;
using Offpeak.Tools;

namespace Offpeak;

/// <summary>Chooses the store, the providers and the handlers. Store and provider packages extend it.</summary>
public sealed class OffpeakBuilder
{
    internal OffpeakBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    internal bool HasWorkers { get; private set; } = true;

    internal bool HasSweeps { get; private set; } = true;

    /// <summary>
    /// Whether this process does the work itself that its queue in memory holds: submits, polls, handlers. Default: true. False where another
    /// process does, or where a queue of the host's (<see cref="Work.IWorkQueue"/>) delivers it to <see cref="WorkRunner"/>.
    /// </summary>
    public OffpeakBuilder RunWorkers(bool run)
    {
        HasWorkers = run;
        return this;
    }

    /// <summary>
    /// Whether this process runs the sweeps at their intervals. Default: true. False where another process does, or where a scheduler of the
    /// host's runs them through <see cref="Maintenance"/>.
    /// </summary>
    public OffpeakBuilder RunSweeps(bool run)
    {
        HasSweeps = run;
        return this;
    }

    /// <summary>Registers a handler under a name; batches refer to it by that name.</summary>
    public OffpeakBuilder AddHandler<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string name)
        where THandler : class, IBatchHandler
    {
        Services.AddSingleton(new HandlerRegistration(name, typeof(THandler)));
        return this;
    }

    /// <summary>Offers a function to models in batches with turns (<see cref="NewBatch.MaxTurns"/>). Its name must be unique.</summary>
    public OffpeakBuilder AddTool(AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return AddTool(_ => tool);
    }

    /// <inheritdoc cref="AddTool(AIFunction)"/>
    public OffpeakBuilder AddTool(Func<IServiceProvider, AIFunction> make)
    {
        Services.AddSingleton(new ToolRegistration(make));
        return this;
    }

    /// <summary>Sends faults to an error tracker as well as to the log.</summary>
    public OffpeakBuilder ReportErrorsTo<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TReporter>()
        where TReporter : class, IErrorReporter
    {
        Services.TryAddSingleton<TReporter>();
        Services.TryAddSingleton<LogErrorReporter>();
        Services.Replace(ServiceDescriptor.Singleton<IErrorReporter>(services => new TrackedErrorReporter(
            services.GetRequiredService<LogErrorReporter>(), services.GetRequiredService<TReporter>())));
        return this;
    }

    /// <summary>Changes settings in code, after configuration.</summary>
    public OffpeakBuilder Configure(Action<OffpeakOptions> configure)
    {
        Services.PostConfigure(configure);
        return this;
    }
}
