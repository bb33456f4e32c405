namespace Offpeak.Jsonl;

/// <summary>Why a line of a JSONL stream could not be delivered.</summary>
public enum JsonlProblem
{
    /// <summary>The line holds more bytes than <see cref="JsonlReaderOptions.MaxLineBytes"/>; its bytes were read and dropped.</summary>
    TooLong = 1,
}
