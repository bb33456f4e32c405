using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Offpeak.Cli.Input;
using Offpeak.Policies;

namespace Offpeak.Cli.Commands;

/// <summary>Options and arguments that several commands have, and options whose mistakes are answered in plain words.</summary>
internal static class SharedOptions
{
    public static Argument<long> BatchId() => Id("ID", "batch", "The batch's number, as 'offpeak list' shows it.", "as 'offpeak list' shows it");

    /// <summary>The number of a row.</summary>
    public static Argument<long> Id(string name, string what, string description, string whereShown) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
                return id;

            result.AddError($"'{result.Tokens[0].Value}' is no {what}; give its number, {whereShown}.");
            return 0;
        },
    };

    /// <summary>Whether a results file may take the place of another.</summary>
    public static Option<bool> Force() => new("--force") { Description = "Overwrites the output, whatever it holds." };

    /// <summary>Delays between polls that may be left out.</summary>
    public static Option<PollSchedule?> Poll() => new("--poll")
    {
        Description = "Delays between polls, the last repeating. Default: Offpeak__PollSchedule, else 1m,2m,5m,10m,30m.",
        HelpName = "1s,2s,5s",
        CustomParser = result =>
        {
            try
            {
                return PollSchedule.Parse(result.Tokens[0].Value);
            }
            catch (FormatException error)
            {
                result.AddError(error.Message);
                return null;
            }
        },
    };

    /// <summary>A number with a default.</summary>
    public static Option<T> Number<T>(string name, string description, string helpName, T byDefault, string rule, Predicate<T> accepts)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => byDefault,
            CustomParser = result => Parse(result, name, rule, accepts) ?? default,
        };

    /// <summary>A number that may be left out.</summary>
    public static Option<T?> Number<T>(string name, string description, string helpName, string rule, Predicate<T> accepts)
        where T : struct, INumber<T> =>
        new(name) { Description = description, HelpName = helpName, CustomParser = result => Parse(result, name, rule, accepts) };

    /// <summary>A time span that may be left out, written as <c>30s</c>, <c>10m</c> or <c>20h</c>.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "20h",
        CustomParser = result =>
        {
            try
            {
                // A schedule of one delay; of several, all but the first would be lost.
                return result.Tokens[0].Value.Contains(',') ? throw new FormatException() : PollSchedule.Parse(result.Tokens[0].Value).Delay(0);
            }
            catch (FormatException)
            {
                result.AddError($"'{result.Tokens[0].Value}' is no time span; write one such as 90s, 30m or 20h.");
                return null;
            }
        },
    };

    /// <summary>Says that ids come from lines: whoever has them in a column of another name finds out before the answers are there.</summary>
    public static void NoteNumbering(RunInput input)
    {
        if (input.NumbersRows)
            Terminal.Note("No column 'id': rows are numbered by their line (--id COLUMN names another).");
    }

    /// <summary>Takes no other words than these.</summary>
    public static void AcceptOnly(Option option, params string[] words)
    {
        option.HelpName = string.Join('|', words);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !words.Contains(result.Tokens[0].Value))
                result.AddError($"Choose {string.Join(", ", words[..^1])} or {words[^1]}; {option.Name} says '{result.Tokens[0].Value}'.");
        });
    }

    private static T? Parse<T>(ArgumentResult result, string name, string rule, Predicate<T> accepts)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && accepts(number))
        {
            return number;
        }

        result.AddError($"{rule}; {name} says '{text}'.");
        return null;
    }
}
