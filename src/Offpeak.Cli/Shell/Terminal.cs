using System.Globalization;
using System.Text;

namespace Offpeak.Cli;

/// <summary>The two streams of a terminal: results go to standard output, everything else to standard error.</summary>
internal static class Terminal
{
    private const int NarrowestWidth = 40;

    /// <summary>Whether a person is watching standard error.</summary>
    public static bool IsLive => !Console.IsErrorRedirected;

    /// <summary>Columns that a person sees; null when the output goes to a file or another program, where nothing is to be cut.</summary>
    public static int? OutWidth => Console.IsOutputRedirected ? null : Math.Max(NarrowestWidth, Console.WindowWidth);

    public static void Error(string sentence) => Console.Error.WriteLine($"offpeak: {Clean(sentence)}");

    public static void Note(string text) => Console.Error.WriteLine(Clean(text));

    /// <summary>Writes over the line that the cursor is on, cut to the terminal's width.</summary>
    /// <param name="text">One line.</param>
    /// <param name="length">Columns that are written there already.</param>
    /// <returns>Columns that are written now.</returns>
    public static int Overwrite(string text, int length)
    {
        var cut = text.Length < Console.WindowWidth ? text : text[..Math.Max(0, Console.WindowWidth - 1)];
        Console.Error.Write($"\r{cut.PadRight(length)}\r{cut}");
        return cut.Length;
    }

    /// <summary>
    /// Text from outside without what could drive the terminal: control characters, and format characters, which turn the direction of the
    /// text around them. Line feeds stay.
    /// </summary>
    public static string Clean(string? text)
    {
        if (text is null)
            return "";

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c == '\n' || !(char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format))
                clean.Append(c);
        }

        return clean.ToString();
    }

    /// <summary>The same, on one line.</summary>
    public static string Line(string? text) => Clean(text).ReplaceLineEndings(" ");

    /// <summary>Text broken between words, so that no line is longer than the terminal is wide; what is one word stays whole.</summary>
    /// <param name="text">One line.</param>
    /// <param name="width">Columns; null breaks nothing.</param>
    /// <param name="indent">Columns that are taken on every line.</param>
    public static string Wrap(string text, int? width, int indent)
    {
        var wrapped = new StringBuilder();
        var column = indent;
        foreach (var word in text.Split(' '))
        {
            if (wrapped.Length > 0)
            {
                var breaks = column + 1 + word.Length > width;
                wrapped.Append(breaks ? "\n" + new string(' ', indent) : " ");
                column = breaks ? indent : column + 1;
            }

            wrapped.Append(word);
            column += word.Length;
        }

        return wrapped.ToString();
    }
}
