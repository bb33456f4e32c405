using System.Runtime.CompilerServices;

namespace Offpeak.Jsonl;

/// <summary>Reads a JSONL stream line by line in bounded memory.</summary>
public static class JsonlReader
{
    private const int LargestLimit = 1024 * 1024 * 1024;

    /// <summary>Reads the lines of <paramref name="stream"/> in order.</summary>
    /// <remarks>
    /// Only a line feed ends a line; one carriage return before it is taken off. A byte order mark at the start and blank lines
    /// are skipped, though blank lines are counted. A line over the limit is reported, not thrown, and the lines after it are
    /// still delivered. What the stream throws passes through. The stream is not disposed.
    /// </remarks>
    /// <param name="stream">The stream, read from its current position to its end.</param>
    /// <param name="options">The limits, or null for the defaults.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The lines. The bytes of each are valid only until the next one is asked for.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The line limit is outside 1 byte to 1 GiB.</exception>
    public static IAsyncEnumerable<JsonlLine> ReadAsync(
        Stream stream, JsonlReaderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var limit = options?.MaxLineBytes ?? JsonlReaderOptions.DefaultMaxLineBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LargestLimit, nameof(options));
        return ReadLinesAsync(stream, limit, cancellationToken);
    }

    private static async IAsyncEnumerable<JsonlLine> ReadLinesAsync(
        Stream stream, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var window = new ReadWindow(limit + LineSplitter.Slack + 1);
        var lines = new LineSplitter(window, limit);
        while (await window.FillAsync(stream, cancellationToken))
        {
            while (lines.TryTake(out var line))
                yield return line;
        }

        if (lines.TryTakeLast(out var last))
            yield return last;
    }
}
