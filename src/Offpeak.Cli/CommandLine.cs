using System.CommandLine;
using System.CommandLine.Parsing;

namespace Offpeak.Cli;

/// <summary>Runs a command and turns every failure into one sentence on standard error and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        HelpExamples.AddTo(root);
        var parsed = root.Parse(args);
        if (args.Length == 0)
        {
            root.Parse("--help").Invoke();
            return ExitCodes.BadUsage;
        }

        if (parsed.Errors.Count > 0)
        {
            Terminal.Error($"{Explain(parsed)} See 'offpeak {CommandPath(parsed)}--help'.");
            return ExitCodes.BadUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception error)
        {
            var (sentence, exitCode) = Failures.Explain(error);
            Terminal.Error(sentence);
            return exitCode;
        }
    }

    private static string Explain(ParseResult parsed)
    {
        // A misspelled command leaves its words over; the first of them is what to talk about.
        if (parsed.CommandResult.Command is RootCommand && parsed.UnmatchedTokens.Count > 0)
            return $"There is no command '{parsed.UnmatchedTokens[0]}'.";
        var first = parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult) ?? parsed.Errors[0];
        return parsed.UnmatchedTokens.Count > 0
            ? $"'offpeak {parsed.CommandResult.Command.Name}' does not understand '{parsed.UnmatchedTokens[0]}'."
            : first.Message.ReplaceLineEndings(" ");
    }

    private static string CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
}
