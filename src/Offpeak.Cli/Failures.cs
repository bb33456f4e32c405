using Microsoft.Data.Sqlite;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;
using Offpeak.Sqlite;

namespace Offpeak.Cli;

/// <summary>Turns exceptions into a sentence for a person and an exit code.</summary>
internal static class Failures
{
    public static (string Sentence, int ExitCode) Explain(Exception error) => error switch
    {
        InputException => (error.Message, ExitCodes.BadUsage),
        OffpeakException offpeak => (error.Message, ExitCodeOf(offpeak)),
        SqliteException sqlite => (SqliteDatabase.Explain(sqlite, CliServices.DatabasePath).Message, ExitCodes.UnexpectedError),
        { InnerException: SqliteException sqlite } => (SqliteDatabase.Explain(sqlite, CliServices.DatabasePath).Message, ExitCodes.UnexpectedError),
        Microsoft.Extensions.Options.OptionsValidationException options => (string.Join(' ', options.Failures), ExitCodes.BadUsage),
        InvalidOperationException { InnerException: FormatException or InvalidOperationException { InnerException: FormatException } } =>
            ($"A setting cannot be read: {Innermost(error).Message}", ExitCodes.BadUsage),
        IOException or UnauthorizedAccessException => ($"{error.Message.TrimEnd('.')}. Nothing is lost; run the same command again once that is mended.", ExitCodes.UnexpectedError),
        _ => ($"Unexpected error ({error.GetType().Name}): {error.Message}{Details(error)}", ExitCodes.UnexpectedError),
    };

    // A wrong --db is bad usage; a full disk or a damaged file is nobody's mistake.
    private static int ExitCodeOf(OffpeakException error) => error switch
    {
        { Code: var code } when code == OffpeakErrorCode.Provider || code == ResultsFile.NotWritten => ExitCodes.UnexpectedError,
        { InnerException: SqliteException { SqliteErrorCode: not (SqliteDatabase.NotADatabase or SqliteDatabase.CannotOpen) } } => ExitCodes.UnexpectedError,
        { InnerException: IOException and not DirectoryNotFoundException } when error.Code == OffpeakErrorCode.Database => ExitCodes.UnexpectedError,
        _ => ExitCodes.BadUsage,
    };

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    private static string Details(Exception error) =>
        Environment.GetEnvironmentVariable("OFFPEAK_DEBUG") == "1" ? $"\n{error}" : " Set OFFPEAK_DEBUG=1 to see the details.";
}
