using System.Text;

namespace Offpeak.Batches;

/// <summary>What can be asked of a status, and the words for statuses in messages, JSON and databases: <c>in_progress</c>.</summary>
public static class StatusNames
{
    /// <summary>The word for a batch's status.</summary>
    public static string ToName(this BatchStatus status) => Names<BatchStatus>.Of(status);

    /// <summary>The word for a shard's status.</summary>
    public static string ToName(this ShardStatus status) => Names<ShardStatus>.Of(status);

    /// <summary>The word for an entry's status.</summary>
    public static string ToName(this EntryStatus status) => Names<EntryStatus>.Of(status);

    /// <summary>Whether a batch is at its end.</summary>
    public static bool IsTerminal(this BatchStatus status) => status is not (BatchStatus.Building or BatchStatus.Running);

    /// <summary>Whether a shard is at its end.</summary>
    public static bool IsTerminal(this ShardStatus status) =>
        status is ShardStatus.Ended or ShardStatus.Canceled or ShardStatus.Expired or ShardStatus.Failed;

    /// <summary>Whether the provider has a shard and it is polled.</summary>
    public static bool IsAccepted(this ShardStatus status) => status is ShardStatus.Submitted or ShardStatus.InProgress;

    /// <summary>Whether an entry is at its end.</summary>
    public static bool IsTerminal(this EntryStatus status) => status is not (EntryStatus.Pending or EntryStatus.Submitted);

    /// <summary>The word for a value of one of the status enumerations.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => Names<T>.Of(value);

    /// <summary>The value that a word stands for.</summary>
    /// <exception cref="FormatException">There is no such word.</exception>
    public static T Parse<T>(string name)
        where T : struct, Enum => Names<T>.Parse(name);

    private static class Names<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, string> ByValue = Enum.GetValues<T>().ToDictionary(value => value, value => ToSnakeCase(value.ToString()));

        private static readonly Dictionary<string, T> ByName = ByValue.ToDictionary(pair => pair.Value, pair => pair.Key);

        public static string Of(T value) => ByValue[value];

        public static T Parse(string name) => ByName.TryGetValue(name, out var value)
            ? value
            : throw new FormatException($"'{name}' is none of {string.Join(", ", ByName.Keys)}.");
    }

    private static string ToSnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
