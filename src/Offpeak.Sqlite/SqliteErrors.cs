using Microsoft.Data.Sqlite;

namespace Offpeak.Sqlite;

/// <summary>What SQLite's errors mean for a person.</summary>
internal static class SqliteErrors
{
    public const int UniqueConstraint = 2067;

    /// <summary>An error that says that the database cannot be used.</summary>
    public static OffpeakException Explain(SqliteException error, string path) => TryExplain(error, path)
        ?? new OffpeakException(OffpeakErrorCode.Database, $"The database {path} cannot be used: {error.Message}", error);

    /// <summary>The same, or null for an error of another kind.</summary>
    public static OffpeakException? TryExplain(SqliteException error, string path)
    {
        var text = error.SqliteErrorCode switch
        {
            26 => $"{path} is not a database.",
            11 => $"The database {path} is damaged; restore it from a backup.",
            13 => $"The disk is full: {path} cannot grow. Free some space and try again; nothing is lost.",
            14 => $"The database {path} cannot be opened; check that the folder exists and that you may write to it.",
            8 => $"The database {path} is read-only; check its permissions.",
            10 => $"The database {path} cannot be read or written (input/output error); check the disk, then try again.",
            5 or 6 => $"The database {path} is locked by another program; close it and try again.",
            _ => null,
        };
        return text is null ? null : new OffpeakException(OffpeakErrorCode.Database, text, error);
    }
}
