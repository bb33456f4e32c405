namespace Offpeak.Providers;

/// <summary>
/// What is known of a shard's side at the provider: file ids and the like, as small strings. Durable as soon as it is known, so that a
/// crash forgets nothing. Never holds keys, prompts or responses.
/// </summary>
public sealed class Journal
{
    /// <summary>A journal without an entry.</summary>
    public static readonly Journal Empty = new(new Dictionary<string, string>());

    // So begin the names under which values of earlier attempts are kept: a number, and then their own name.
    private const string Left = "left.";

    private readonly Dictionary<string, string> values;

    /// <summary>Makes a journal from name and value pairs, which are copied.</summary>
    public Journal(IEnumerable<KeyValuePair<string, string>> values) =>
        this.values = new Dictionary<string, string>(values, StringComparer.Ordinal);

    /// <summary>The value kept under a name, or null. An empty string counts as absent.</summary>
    public string? this[string name] => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>
    /// The value kept under a name, and after it those that earlier attempts have left under it: what is to be deleted at the provider in the
    /// end.
    /// </summary>
    public IReadOnlyList<string> AllOf(string name) =>
    [
        .. values.Where(pair => NameOfLeft(pair.Key) == name).Select(pair => pair.Value).Prepend(this[name] ?? "").Where(value => value.Length > 0)
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>
    /// A journal for an attempt that begins afresh: nothing in it is known under its name any more, but everything is kept, to be found by
    /// <see cref="AllOf"/>.
    /// </summary>
    public Journal LeaveBehind()
    {
        var left = new Journal(values.Where(pair => NameOfLeft(pair.Key) is not null));
        foreach (var (name, value) in values)
        {
            if (NameOfLeft(name) is null && value.Length > 0 && !left.AllOf(name).Contains(value))
                left.values[$"{Left}{left.values.Count + 1}.{name}"] = value;
        }

        return left;
    }

    internal bool IsEmpty => values.Count == 0;

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

    private static string? NameOfLeft(string name) =>
        name.StartsWith(Left, StringComparison.Ordinal) ? name[(name.IndexOf('.', Left.Length) + 1)..] : null;
}
