using System.Text;

namespace Offpeak.Cli.Output;

/// <summary>
/// Rows in columns, two spaces apart. A row stays on one line, so that <c>grep</c> finds it whole; on a terminal the widest text column is
/// cut until the row fits.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";
    private const int Narrowest = 8;

    private readonly List<(string[] Cells, string? Note)> rows = [];

    /// <summary>Columns to write flush right, such as numbers.</summary>
    public HashSet<int> RightAligned { get; init; } = [];

    /// <summary>Columns that may be cut, the first first.</summary>
    public int[] MayBeCut { get; init; } = [];

    /// <summary>Adds a row; a note goes on a line of its own below it.</summary>
    public void Add(string[] cells, string? note = null) =>
        rows.Add((Array.ConvertAll(cells, Terminal.Line), string.IsNullOrEmpty(note) ? null : Terminal.Line(note)));

    public void Write(TextWriter output, int? width)
    {
        var widths = Widths(width);
        WriteRow(output, headings, widths);
        foreach (var (cells, note) in rows)
        {
            WriteRow(output, cells, widths);
            if (note is not null)
                output.WriteLine($"{Gap}{note}");
        }
    }

    private int[] Widths(int? limit)
    {
        var widths = headings.Select((heading, column) => Math.Max(heading.Length, rows.Select(row => row.Cells[column].Length).DefaultIfEmpty().Max())).ToArray();
        foreach (var column in MayBeCut)
        {
            var excess = widths.Sum() + (Gap.Length * (widths.Length - 1)) - (limit ?? int.MaxValue);
            if (excess > 0)
                widths[column] = Math.Max(Math.Max(Narrowest, headings[column].Length), widths[column] - excess);
        }

        return widths;
    }

    private void WriteRow(TextWriter output, string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < cells.Length; column++)
        {
            var (text, width) = (cells[column], widths[column]);
            if (text.Length > width)
                text = $"{text.AsSpan(0, width - 1)}…";
            line.Append(column == 0 ? "" : Gap).Append(RightAligned.Contains(column) ? text.PadLeft(width) : text.PadRight(width));
        }

        output.WriteLine(line.ToString().TrimEnd());
    }
}
