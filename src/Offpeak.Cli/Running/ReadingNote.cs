using System.Globalization;

namespace Offpeak.Cli.Running;

/// <summary>
/// Says on standard error how far a large file is read, so that nobody takes a long silence for a program that hangs: on a terminal one line that
/// is written over and goes away, otherwise a line every few seconds.
/// </summary>
/// <param name="doing">What is done, with the file's name.</param>
/// <param name="unit">What is counted.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadingNote(string doing, string unit, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly long begun = time.GetTimestamp();
    private TimeSpan next = Patience;
    private int shown;
    private int count;

    /// <summary>Counts one more.</summary>
    public void Next()
    {
        count++;
        if (time.GetElapsedTime(begun) is var elapsed && elapsed >= next)
            Show(elapsed);
    }

    /// <summary>Takes the line of a terminal away.</summary>
    public void Dispose()
    {
        if (shown > 0)
            Terminal.Overwrite("", shown);

        shown = 0;
    }

    private void Show(TimeSpan elapsed)
    {
        var text = Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{doing}: {count:N0} {unit}"));
        next = elapsed + (Terminal.IsLive ? BetweenLooks : BetweenLines);
        if (Terminal.IsLive)
            shown = Terminal.Overwrite(text, shown);
        else
            Terminal.Note(text);
    }
}
