using System.Reflection;
using Offpeak.Storage;

namespace Offpeak.Tests.Fixture;

/// <summary>A real store whose every verb a test can watch, hold up, or make fail before it is run.</summary>
public class InterceptedStore : DispatchProxy
{
    private IOffpeakStore store = null!;
    private StoreHooks hooks = null!;

    internal static IOffpeakStore Of(IOffpeakStore store, StoreHooks hooks)
    {
        var proxy = Create<IOffpeakStore, InterceptedStore>();
        ((InterceptedStore)(object)proxy).store = store;
        ((InterceptedStore)(object)proxy).hooks = hooks;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        hooks.OnVerb?.Invoke(targetMethod!.Name);
        hooks.OnCall?.Invoke(targetMethod!.Name, args ?? []);
        try
        {
            return targetMethod!.Invoke(store, args);
        }
        catch (TargetInvocationException error)
        {
            throw error.InnerException!;
        }
    }
}

/// <summary>What a test does when a process uses its store.</summary>
internal sealed class StoreHooks
{
    /// <summary>Runs before a verb, by its name; throwing fails it.</summary>
    public Action<string>? OnVerb { get; set; }

    /// <summary>As <see cref="OnVerb"/>, with what the verb is given.</summary>
    public Action<string, IReadOnlyList<object?>>? OnCall { get; set; }

    /// <summary>Runs once, the next time that a verb is used.</summary>
    public void Once(string verb, Func<Task> act)
    {
        var done = 0;
        OnVerb = name =>
        {
            if (name == verb && Interlocked.Exchange(ref done, 1) == 0)
                act().GetAwaiter().GetResult();
        };
    }

    /// <summary>From now on the process is dead: whatever it still tries, nothing is written any more.</summary>
    public void Kill() => OnVerb = _ => throw new KilledException();
}

/// <summary>The process has died.</summary>
internal sealed class KilledException() : Exception("killed");
