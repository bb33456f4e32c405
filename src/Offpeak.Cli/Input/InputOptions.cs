using Offpeak.Jsonl;

namespace Offpeak.Cli.Input;

internal sealed record InputOptions
{
    public static InputOptions Default { get; } = new();

    /// <summary>The longest line or CSV row, in bytes.</summary>
    public int MaxLineBytes { get; init; } = JsonlReaderOptions.DefaultMaxLineBytes;

    /// <summary>A file up to this size is read once: its entries are kept from the check.</summary>
    public long MaxKeptBytes { get; init; } = 8 << 20;

    /// <summary>Text with <c>{{column}}</c> in it, or null when the rows hold their prompts themselves.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>Text with <c>{{column}}</c> in it that rows without a system text of their own fill; what has no such thing in it, and null, is none.</summary>
    public string? SystemTemplate { get; init; }

    /// <summary>The column that holds the ids; null for the usual names.</summary>
    public string? IdColumn { get; init; }

    /// <summary>Is told of every row that is checked; null for nobody.</summary>
    public Action? OnRow { get; init; }

    /// <summary>What the path <c>-</c> reads; null for the process's own standard input.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Where input that can be read only once is kept until the file is disposed.</summary>
    public string TemporaryDirectory { get; init; } = Path.GetTempPath();
}
