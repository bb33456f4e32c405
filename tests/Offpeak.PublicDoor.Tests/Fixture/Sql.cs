using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Offpeak.PublicDoor.Tests.Fixture;

/// <summary>The user's own statements.</summary>
internal static class Sql
{
    public static async Task RunAsync(this SqliteConnection connection, string sql, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = (SqliteTransaction?)transaction;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<long> CountAsync(this SqliteConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table};";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
