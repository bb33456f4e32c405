using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;

namespace Offpeak.Cli;

/// <summary>Turns exceptions into a sentence for a person and an exit code. What the library says is followed by what helps on the command line.</summary>
internal static class Failures
{
    // PostgreSQL's states.
    private const string WrongPassword = "28P01";
    private const string WrongUser = "28000";
    private const string NoSuchDatabase = "3D000";

    // SQLite's result codes.
    private const int Damaged = 11;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static (string Sentence, int ExitCode) Explain(Exception error, Database database) => error switch
    {
        InputException => (error.Message, ExitCodes.BadUsage),
        OffpeakException offpeak => ($"{error.Message} {Advice(offpeak, database)}".TrimEnd(), ExitCodeOf(offpeak)),
        OptionsValidationException options => (string.Join(' ', options.Failures), ExitCodes.BadUsage),
        IOException or UnauthorizedAccessException => ($"{Sentence(error.Message)} Nothing is lost; run the same command again once that is mended.", ExitCodes.UnexpectedError),
        _ => ($"Unexpected error ({error.GetType().Name}): {error.Message}{Details(error)}", ExitCodes.UnexpectedError),
    };

    private static string? Advice(OffpeakException error, Database database) => error switch
    {
        { Code: var code } when code == OffpeakErrorCode.BatchNotFound => $"'{database.Suggest("list")}' shows the batches there are.",
        { Code: var code } when code == OffpeakErrorCode.Budget => "The budget is --max-cost; prices stand in the file for --config.",
        { Code: var code } when code != OffpeakErrorCode.Database || database.IsServer => null,
        { InnerException: SqliteException { SqliteErrorCode: NotADatabase } } => "Name another file with --db.",
        { InnerException: null or SqliteException { SqliteErrorCode: Damaged } } => "Or name another file with --db.",
        _ => null,
    };

    // A wrong --db is bad usage; a full disk or a damaged file is nobody's mistake.
    private static int ExitCodeOf(OffpeakException error) => error switch
    {
        { Code: var code } when code == OffpeakErrorCode.Provider || code == ResultsFile.NotWritten => ExitCodes.UnexpectedError,
        { Code: var code } when code != OffpeakErrorCode.Database => ExitCodes.BadUsage,
        { InnerException: null or DirectoryNotFoundException or SqliteException { SqliteErrorCode: NotADatabase or CannotOpen } } => ExitCodes.BadUsage,
        { InnerException: DbException { SqlState: WrongPassword or WrongUser or NoSuchDatabase } } => ExitCodes.BadUsage,
        _ => ExitCodes.UnexpectedError,
    };

    private static string Sentence(string message) => message.EndsWith('.') ? message : $"{message}.";

    private static string Details(Exception error) =>
        Environment.GetEnvironmentVariable("OFFPEAK_DEBUG") == "1" ? $"\n{error}" : " Set OFFPEAK_DEBUG=1 to see the details.";
}
