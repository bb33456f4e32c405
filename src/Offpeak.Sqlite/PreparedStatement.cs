using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Offpeak.Sqlite;

/// <summary>
/// A statement bound by position, one level below ADO.NET, where each row costs boxed values, a look-up by name per parameter and a copy
/// of the body.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    // As Microsoft.Data.Sqlite writes decimals, so that ADO.NET reads them back.
    private const string DecimalFormat = "0.0###########################";

    private readonly sqlite3 db;
    private readonly sqlite3_stmt statement;
    private int position;

    public PreparedStatement(SqliteConnection connection, string sql)
    {
        db = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(db, sql, out statement));
    }

    /// <summary>Binds the next parameter.</summary>
    public PreparedStatement Bind(long? value) => Checked(value is { } number
        ? raw.sqlite3_bind_int64(statement, ++position, number)
        : raw.sqlite3_bind_null(statement, ++position));

    /// <inheritdoc cref="Bind(long?)"/>
    public PreparedStatement Bind(string? value) => Checked(value is not null
        ? raw.sqlite3_bind_text(statement, ++position, value)
        : raw.sqlite3_bind_null(statement, ++position));

    /// <inheritdoc cref="Bind(long?)"/>
    public PreparedStatement Bind(decimal? value) => Bind(value?.ToString(DecimalFormat, CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Bind(long?)"/>
    public PreparedStatement Bind(ReadOnlySpan<byte> value) => Checked(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(statement, ++position, 0)
        : raw.sqlite3_bind_blob(statement, ++position, value));

    /// <summary>Binds the next parameter to that many zero bytes, which take no memory.</summary>
    public PreparedStatement BindZeros(int count) => Checked(raw.sqlite3_bind_zeroblob(statement, ++position, count));

    /// <summary>Runs the statement and makes it ready for the next row.</summary>
    /// <returns>Number of rows changed.</returns>
    /// <exception cref="SqliteException">It failed; the transaction is to be rolled back.</exception>
    public int Execute()
    {
        position = 0;
        var result = raw.sqlite3_step(statement);
        if (result != raw.SQLITE_DONE)
            throw Failure(result);
        raw.sqlite3_reset(statement);
        return raw.sqlite3_changes(db);
    }

    public void Dispose() => statement.Dispose();

    private PreparedStatement Checked(int result)
    {
        Check(result);
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw Failure(result);
    }

    private SqliteException Failure(int result) =>
        new($"SQLite error {result}: {raw.sqlite3_errmsg(db).utf8_to_string()}.", result & 0xFF, raw.sqlite3_extended_errcode(db));
}
