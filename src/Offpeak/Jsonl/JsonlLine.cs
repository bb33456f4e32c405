namespace Offpeak.Jsonl;

/// <summary>One line of a JSONL stream.</summary>
/// <param name="Number">The physical line number; the first line of the stream is 1, and blank lines count.</param>
/// <param name="Bytes">
/// The line without its terminator, not checked to be JSON or UTF-8. Empty when there is a <paramref name="Problem"/>.
/// Valid only until the reader moves on: copy what must live longer.
/// </param>
/// <param name="Terminated">
/// False for a last line that the stream ended without a line feed, which may mean that the stream was cut off.
/// </param>
/// <param name="Problem">Null, or why the line could not be delivered.</param>
public readonly record struct JsonlLine(long Number, ReadOnlyMemory<byte> Bytes, bool Terminated, JsonlProblem? Problem);
