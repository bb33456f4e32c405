using Spectre.Console;

namespace Offpeak.Cli;

/// <summary>Bars and tables on standard error. Apart from <see cref="Terminal"/>, so that commands without them load no library for it.</summary>
internal static class LiveTerminal
{
    private const int WidthWithoutTerminal = 400;

    private static readonly Lazy<IAnsiConsole> LazyConsole = new(Open);

    private static IAnsiConsole Console => LazyConsole.Value;

    /// <summary>A line with markup; text from outside must go through <see cref="Escape"/> first.</summary>
    public static void Say(string markup) => Console.MarkupLine(markup);

    public static void Write(Table table) => Console.Write(table);

    /// <summary>Text from outside on one line, harmless and without markup.</summary>
    public static string Escape(string? text) => Markup.Escape(Terminal.Line(text));

    /// <summary>Shows a bar with its name, share and time while something runs.</summary>
    public static Task<T> ShowBarAsync<T>(string name, Func<ProgressTask, Task<T>> run) => Console.Progress()
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(context => run(context.AddTask(Escape(name))));

    // Without a terminal there is no edge to break lines at.
    private static IAnsiConsole Open()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(System.Console.Error),
            Interactive = Terminal.IsLive ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!Terminal.IsLive)
            console.Profile.Width = WidthWithoutTerminal;

        return console;
    }
}
