namespace Offpeak.Providers;

/// <summary>
/// What a provider needs to remember about one of its batches between calls: file ids and the like, as small strings. Stored as JSON.
/// Never holds keys, prompts or responses.
/// </summary>
public sealed class ProviderState
{
    /// <summary>A state that remembers nothing.</summary>
    public static readonly ProviderState Empty = new(new Dictionary<string, string>());

    private readonly Dictionary<string, string> values;

    /// <summary>Makes a state from name and value pairs, which are copied.</summary>
    public ProviderState(IEnumerable<KeyValuePair<string, string>> values) =>
        this.values = new Dictionary<string, string>(values, StringComparer.Ordinal);

    /// <summary>The value kept under a name, or null. An empty string counts as absent.</summary>
    public string? this[string name] => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>All pairs.</summary>
    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>A copy in which one name has another value; null removes the name.</summary>
    public ProviderState With(string name, string? value)
    {
        var copy = new ProviderState(values);
        if (value is null)
            copy.values.Remove(name);
        else
            copy.values[name] = value;
        return copy;
    }
}
