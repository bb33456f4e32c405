namespace Offpeak.Cli.Output;

/// <summary>
/// Rows in columns, two spaces apart. A row stays on one line, so that <c>grep</c> finds it whole; on a terminal that is too narrow, columns are
/// left out while texts would be cut to less than is of use, and then texts are cut until the row fits.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";
    private readonly List<(string[] Cells, string? Note)> rows = [];

    /// <summary>Columns to write flush right, such as numbers.</summary>
    public HashSet<int> RightAligned { get; init; } = [];

    /// <summary>Columns that may be cut, the first first.</summary>
    public int[] MayBeCut { get; init; } = [];

    /// <summary>What is left of a column that is cut, while there is another to leave out.</summary>
    public int Useful { get; init; } = 16;

    /// <summary>Columns that may be left out, the first first.</summary>
    public int[] MayBeLeftOut { get; init; } = [];

    /// <summary>Adds a row; a note goes on a line of its own below it.</summary>
    public void Add(string[] cells, string? note = null) =>
        rows.Add((Array.ConvertAll(cells, Terminal.Line), string.IsNullOrEmpty(note) ? null : Terminal.Line(note)));

    public void Write(TextWriter output, int? width)
    {
        var widths = Widths(width ?? int.MaxValue);
        WriteRow(output, headings, widths);
        foreach (var (cells, note) in rows)
        {
            WriteRow(output, cells, widths);
            if (note is not null)
                output.WriteLine(Gap + Terminal.Wrap(note, width, Gap.Length));
        }
    }

    // A column of no width is left out.
    private int[] Widths(int limit)
    {
        var widths = headings.Select((heading, column) => Math.Max(heading.Length, rows.Select(row => row.Cells[column].Length).DefaultIfEmpty().Max())).ToArray();
        var dispensable = new Queue<int>(MayBeLeftOut);
        while (Length([.. widths.Select((width, i) => MayBeCut.Contains(i) ? Math.Min(width, Useful) : width)]) > limit && dispensable.TryDequeue(out var column))
            widths[column] = 0;

        // All are cut to what is of use before any is cut to less.
        foreach (var (column, least) in MayBeCut.Select(column => (column, Useful)).Concat(MayBeCut.Select(column => (column, headings[column].Length))))
            widths[column] = Math.Max(Math.Min(widths[column], least), widths[column] - Math.Max(0, Length(widths) - limit));

        return widths;
    }

    private static int Length(int[] widths) => widths.Sum() + (Gap.Length * (widths.Count(width => width > 0) - 1));

    private void WriteRow(TextWriter output, string[] cells, int[] widths)
    {
        var shown = new List<string>();
        foreach (var column in Enumerable.Range(0, cells.Length).Where(column => widths[column] > 0))
        {
            var (text, width) = (cells[column], widths[column]);
            if (text.Length > width)
                text = $"{text.AsSpan(0, width - 1)}…";

            shown.Add(RightAligned.Contains(column) ? text.PadLeft(width) : text.PadRight(width));
        }

        output.WriteLine(string.Join(Gap, shown).TrimEnd());
    }
}
