using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Offpeak.Cli;

/// <summary>The two consoles: results go to standard output, everything else to standard error.</summary>
internal static class Terminal
{
    private static readonly Lazy<IAnsiConsole> OutConsole = new(() => AnsiConsole.Create(new AnsiConsoleSettings()));

    private static readonly Lazy<IAnsiConsole> ErrorConsole = new(OpenError);

    public static IAnsiConsole Out => OutConsole.Value;

    public static IAnsiConsole Progress => ErrorConsole.Value;

    /// <summary>Whether a person is watching standard error.</summary>
    public static bool IsLive => !Console.IsErrorRedirected;

    public static void Error(string sentence) => Console.Error.WriteLine($"offpeak: {Clean(sentence)}");

    public static void Note(string text) => Console.Error.WriteLine(Clean(text));

    /// <summary>Columns that a person sees; null when the output goes to a file or another program, where nothing is to be cut.</summary>
    public static int? OutWidth => Console.IsOutputRedirected ? null : Out.Profile.Width;

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

    /// <summary>The same, escaped for markup.</summary>
    public static string Cell(string? text) => Markup.Escape(Line(text));

    // Without a terminal there is no edge to break lines at.
    private static IAnsiConsole OpenError()
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), Interactive = IsLive ? InteractionSupport.Yes : InteractionSupport.No });
        if (!IsLive)
            console.Profile.Width = 400;
        return console;
    }
}
