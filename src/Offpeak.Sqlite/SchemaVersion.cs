namespace Offpeak.Sqlite;

/// <summary>Number of migrations, kept in SQLite's <c>user_version</c> so that start-up can tell at a glance whether there is anything to do.</summary>
internal static class SchemaVersion
{
    /// <summary>Raise it with every migration; a test compares it with the number of migrations.</summary>
    public const int Current = 2;
}
