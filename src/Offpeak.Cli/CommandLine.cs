using System.CommandLine;

namespace Offpeak.Cli;

/// <summary>Runs a command and turns every failure into one sentence on standard error and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Terminal.Error($"{parsed.Errors[0].Message} See 'offpeak {CommandPath(parsed)}--help'.");
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

    private static string CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
}
