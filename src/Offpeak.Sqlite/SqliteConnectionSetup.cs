using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Offpeak.Sqlite;

/// <summary>
/// Per-connection settings: SQLite's own fine-grained waiting for a busy database, full durability at every commit, and room for bulk
/// work: a page cache that holds the indexes of a batch, and a log that is folded into the file every 16 MB instead of at every second
/// chunk of entries.
/// </summary>
internal sealed class SqliteConnectionSetup : DbConnectionInterceptor
{
    private const string Pragmas =
        "PRAGMA busy_timeout = 30000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 2000;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection);
        return Task.CompletedTask;
    }

    private static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }
}
