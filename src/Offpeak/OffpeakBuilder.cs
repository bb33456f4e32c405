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

    /// <summary>Whether this process runs polls and sweeps itself. Default: true. Set to false where another process does, or to run the sweeps from a scheduler of your own.</summary>
    public bool RunInProcess { get; set; } = true;

    /// <summary>Registers a handler under a name; batches refer to it by that name.</summary>
    public OffpeakBuilder AddHandler<THandler>(string name)
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
    public OffpeakBuilder ReportErrorsTo<TReporter>()
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
