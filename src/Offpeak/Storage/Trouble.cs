using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>What holds a shard up, set and cleared as one.</summary>
/// <param name="Class">What kind of trouble.</param>
/// <param name="Message">One sentence for a person; holds no key, prompt or response.</param>
/// <param name="IsPaused">Whether a person has to do something before it can go on; false means that waiting is enough.</param>
public sealed record Trouble(ProviderErrorClass Class, string Message, bool IsPaused = false)
{
    /// <summary>What is not found with another key proves nothing.</summary>
    internal static readonly Trouble OtherKey = new(
        ProviderErrorClass.OtherKey, "It was submitted with another key, so what the provider holds under that key cannot be seen; check its console.", IsPaused: true);

    /// <summary>What an error says about a shard: a provider's own words, or no more than the name of a fault of ours.</summary>
    internal static Trouble Of(Exception error, string doing) => error switch
    {
        ProviderException fault => new Trouble(
            fault.Class, fault.Message, fault.Class == ProviderErrorClass.Unauthorized || fault.Class == ProviderErrorClass.Unregistered),
        // Nobody has cancelled it, or nobody would ask: a call has run out of its time.
        OperationCanceledException => new Trouble(ProviderErrorClass.Transient, $"There was no answer in time while {doing}."),
        OffpeakException => new Trouble(ProviderErrorClass.Fault, error.Message),
        _ => new Trouble(ProviderErrorClass.Fault, $"{error.GetType().Name} while {doing}."),
    };
}
