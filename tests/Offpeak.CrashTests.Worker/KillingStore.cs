using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.CrashTests.Worker;

/// <summary>A store around another one, in which the process can die before and after each call of each verb.</summary>
internal class KillingStore : DispatchProxy
{
    private IOffpeakStore store = null!;
    private CrashSwitch crash = null!;
    private WorkerSettings settings = null!;

    public static string Before(string verb) => $"Before/{verb}";

    public static string After(string verb) => $"After/{verb}";

    /// <summary>Puts itself around the store that is registered.</summary>
    public static void Wrap(IServiceCollection services)
    {
        var registered = services.Single(service => service.ServiceType == typeof(IOffpeakStore));
        services.Remove(registered);
        services.AddSingleton(all => Around(
            (IOffpeakStore)registered.ImplementationFactory!(all), all.GetRequiredService<CrashSwitch>(), all.GetRequiredService<WorkerSettings>()));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var verb = targetMethod!.Name;
        crash.Reached(Before(verb));
        if (verb == nameof(IOffpeakStore.ApplyResultsAsync))
            Refuse((IReadOnlyList<ResultRow>)args![3]!);

        crash.Enter();
        var result = Call(targetMethod, args);
        if (result is IOffpeakStore enlisted)
        {
            crash.Leave();
            return Around(enlisted, crash, settings);
        }

        // Registered before anybody can wait for it, so that it runs first.
        ((Task)result!).ContinueWith(
            done =>
            {
                crash.Leave();
                if (done.IsCompletedSuccessfully)
                    crash.Reached(After(verb));
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return result;
    }

    private object? Call(MethodInfo verb, object?[]? args)
    {
        try
        {
            return verb.Invoke(store, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
        catch
        {
            crash.Leave();
            throw;
        }
    }

    private static IOffpeakStore Around(IOffpeakStore store, CrashSwitch crash, WorkerSettings settings)
    {
        var around = Create<IOffpeakStore, KillingStore>();
        var killing = (KillingStore)(object)around;
        (killing.store, killing.crash, killing.settings) = (store, crash, settings);
        return around;
    }

    // As a database does that cannot store a text.
    private void Refuse(IReadOnlyList<ResultRow> rows)
    {
        if (settings.OddAnswer is { } odd && rows.Any(row => row.Status == EntryStatus.Succeeded && row.Result.Body.Span.IndexOf(Encoding.UTF8.GetBytes(odd)) >= 0))
            throw new InvalidOperationException("An answer cannot be stored.");
    }
}
