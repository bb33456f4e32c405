namespace Offpeak.Providers;

/// <summary>
/// What is known of a shard's side at the provider: file ids and the like, as small strings. Durable as soon as it is known, so that a
/// crash forgets nothing. Never holds keys, prompts or responses.
/// </summary>
public sealed class Journal
{
    /// <summary>A journal without an entry.</summary>
    public static readonly Journal Empty = new(new Dictionary<string, string>());

    private readonly Dictionary<string, string> values;

    /// <summary>Makes a journal from name and value pairs, which are copied.</summary>
    public Journal(IEnumerable<KeyValuePair<string, string>> values) =>
        this.values = new Dictionary<string, string>(values, StringComparer.Ordinal);

    /// <summary>The value kept under a name, or null. An empty string counts as absent.</summary>
    public string? this[string name] => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>All pairs.</summary>
    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>A copy in which one name has another value; null removes the name.</summary>
    public Journal With(string name, string? value)
    {
        var copy = new Journal(values);
        if (value is null)
            copy.values.Remove(name);
        else
            copy.values[name] = value;
        return copy;
    }
}
