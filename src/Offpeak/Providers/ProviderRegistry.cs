namespace Offpeak.Providers;

/// <summary>The registered providers by name.</summary>
public sealed class ProviderRegistry
{
    private readonly Dictionary<string, IBatchProvider> providers;

    /// <summary>Makes a registry. Of two providers with one name the later counts, as with other services.</summary>
    public ProviderRegistry(IEnumerable<IBatchProvider> providers)
    {
        this.providers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in providers)
            this.providers[provider.Name] = provider;
    }

    /// <summary>All providers.</summary>
    public IReadOnlyCollection<IBatchProvider> All => providers.Values;

    /// <summary>The provider of a name, or null.</summary>
    public IBatchProvider? Find(string name) => providers.GetValueOrDefault(name);

    /// <summary>The provider of a name.</summary>
    /// <exception cref="OffpeakException">There is none.</exception>
    public IBatchProvider Get(string name) => providers.TryGetValue(name, out var provider)
        ? provider
        : throw new OffpeakException(
            OffpeakErrorCode.UnknownProvider,
            $"There is no provider '{name}'; registered are: {string.Join(", ", providers.Keys.Order(StringComparer.Ordinal))}.");
}
