using System.CommandLine;
using System.CommandLine.Parsing;
using Offpeak.Cli.Commands;

namespace Offpeak.Cli;

/// <summary>Runs a command and turns every failure into one sentence on standard error and an exit code.</summary>
internal static class CommandLine
{
    private const string Description = "Runs large numbers of LLM requests through the providers' Batch APIs, at half the price, and loses nothing.";

    private static readonly (string Name, Func<Command> Create)[] Commands =
    [
        ("run", RunCommand.Create),
        ("list", ListCommand.Create),
        ("show", ShowCommand.Create),
        ("results", ResultsCommand.Create),
        ("estimate", EstimateCommand.Create),
        ("cancel", CancelCommand.Create),
        ("retry", RetryCommand.Create),
        ("delete", DeleteCommand.Create),
        ("resolve", ResolveCommand.Create),
        ("work", WorkCommand.Create),
        ("emulator", EmulatorCommand.Create),
        ("demo", DemoCommand.Create),
    ];

    public static async Task<int> InvokeAsync(string[] args)
    {
        var root = RootFor(args);
        // Not from files: a prompt that is read from @FILE would become options.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
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
            if (parsed.CommandResult.Command.Options.Contains(Database.Option))
                Database.Of(parsed).Check();

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception error)
        {
            var (sentence, exitCode) = Failures.Explain(error, Database.Of(parsed));
            Terminal.Error(sentence);
            return exitCode;
        }
    }

    // A command line that begins with a command needs no other.
    private static RootCommand RootFor(string[] args)
    {
        var root = new RootCommand(Description);
        var chosen = Array.FindAll(Commands, command => args.Length > 0 && command.Name == args[0]);
        foreach (var (_, create) in chosen is [] ? Commands : chosen)
            root.Add(create());

        HelpExamples.AddTo(root);
        return root;
    }

    private static string Explain(ParseResult parsed)
    {
        // A misspelled command leaves its words over; the first of them is what to talk about.
        if (parsed.CommandResult.Command is RootCommand && parsed.UnmatchedTokens.Count > 0)
            return $"There is no command '{parsed.UnmatchedTokens[0]}'."
                + Nearest.Suggest(parsed.UnmatchedTokens[0], Commands.Select(command => command.Name));

        var first = parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult) ?? parsed.Errors[0];
        return parsed.UnmatchedTokens.Count > 0
            ? $"'offpeak {parsed.CommandResult.Command.Name}' does not understand '{parsed.UnmatchedTokens[0]}'."
                + Nearest.Suggest(parsed.UnmatchedTokens[0], parsed.CommandResult.Command.Options.Select(option => option.Name))
            : first.Message.ReplaceLineEndings(" ");
    }

    private static string CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
}
