using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>What holds a shard up, set and cleared as one.</summary>
/// <param name="Class">What kind of trouble.</param>
/// <param name="Message">One sentence for a person; holds no key, prompt or response.</param>
/// <param name="IsPaused">Whether a person has to do something before it can go on; false means that waiting is enough.</param>
public sealed record Trouble(ProviderErrorClass Class, string Message, bool IsPaused = false);
