namespace Offpeak.Jsonl;

/// <summary>Limits of <see cref="JsonlReader"/>.</summary>
public sealed class JsonlReaderOptions
{
    /// <summary>The default of <see cref="MaxLineBytes"/>: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>
    /// The longest line that is delivered, in bytes without its terminator. A longer one is reported with
    /// <see cref="JsonlProblem.TooLong"/>. From 1 to 1 GiB; the default is 64 MiB.
    /// </summary>
    public int MaxLineBytes { get; init; } = DefaultMaxLineBytes;
}
