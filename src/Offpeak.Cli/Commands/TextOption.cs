using Offpeak.Cli.Input;

namespace Offpeak.Cli.Commands;

/// <summary>Text that is given on the command line, or in a file as <c>@FILE</c>; a text that begins with an at sign is written with two.</summary>
internal static class TextOption
{
    /// <exception cref="InputException">The file cannot be read.</exception>
    public static string? Read(string option, string? value) => value switch
    {
        _ when FileOf(value) is { } file =>
            WithoutLastLineEnd(TextFile.Read(file, "text", $"{option} @FILE reads one, and a text that begins with @ is written with @@.")),
        ['@', '@', ..] => value[1..],
        _ => value,
    };

    /// <summary>The file that holds the text; null if it is on the command line.</summary>
    public static string? FileOf(string? value) => value is ['@', not '@', ..] ? value[1..] : null;

    // An editor ends the last line too; nobody means it.
    private static string WithoutLastLineEnd(string text) => text switch
    {
        [.., '\r', '\n'] => text[..^2],
        [.., '\n'] => text[..^1],
        _ => text,
    };
}
