using System.Data.Common;
using Microsoft.Data.Sqlite;
using Offpeak.Kit.Json;
using SQLitePCL;

namespace Offpeak.Storage.Sql;

internal sealed partial class SqlRow
{
    // A column that SQLite hands out it has copied, into memory that the process's threads keep one by one; a large body is read page by page.
    private static partial ReadOnlyMemory<byte> ReadBody(DbDataReader reader, int ordinal)
    {
        var statement = ((SqliteDataReader)reader).Handle!;
        if (raw.sqlite3_column_type(statement, ordinal) == raw.SQLITE_BLOB)
            return LargeBodies.Copy(raw.sqlite3_column_blob(statement, ordinal));

        var db = raw.sqlite3_db_handle(statement);
        var column = raw.sqlite3_column_text(statement, ordinal).utf8_to_string();
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_blob_open(db, "main", "offpeak_entry_requests", column, raw.sqlite3_column_int64(statement, 0), 0, out var blob), db);
        using (blob)
        {
            var body = LargeBodies.Room(raw.sqlite3_blob_bytes(blob));
            SqliteException.ThrowExceptionForRC(raw.sqlite3_blob_read(blob, body.Span, 0), db);
            return body;
        }
    }
}
