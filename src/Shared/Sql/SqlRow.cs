using System.Data.Common;
using System.Globalization;
using Offpeak.Batches;

namespace Offpeak.Storage.Sql;

/// <summary>Reads the columns of one row from left to right, in the order of the column list that was selected.</summary>
internal sealed partial class SqlRow(DbDataReader reader)
{
    private int next;

    public SqlRow Begin()
    {
        next = 0;
        return this;
    }

    public long Long() => reader.GetInt64(next++);

    public int Int() => reader.GetInt32(next++);

    public bool Flag() => reader.GetBoolean(next++);

    public string Text() => StorableText.Read(reader.GetString(next++));

    public long? LongOrNull() => IsNull() ? null : Long();

    public int? IntOrNull() => IsNull() ? null : Int();

    public string? TextOrNull() => IsNull() ? null : Text();

    public decimal? MoneyOrNull() => IsNull() ? null : reader.GetDecimal(next++);

    public DateTimeOffset Time() => new(DateTime.SpecifyKind(reader.GetDateTime(next++), DateTimeKind.Utc));

    public DateTimeOffset? TimeOrNull() => IsNull() ? null : Time();

    public TimeSpan? SpanOrNull() => TextOrNull() is { } text ? TimeSpan.Parse(text, CultureInfo.InvariantCulture) : null;

    public byte[] Bytes() => reader.GetFieldValue<byte[]>(next++);

    public byte[]? BytesOrNull() => IsNull() ? null : Bytes();

    /// <summary>A body, which whoever uses it last may return to <see cref="Kit.Json.LargeBodies"/>.</summary>
    public ReadOnlyMemory<byte> Body() => ReadBody(reader, next++);

    public T Status<T>()
        where T : struct, Enum => StatusNames.Parse<T>(Text());

    public T? StatusOrNull<T>()
        where T : struct, Enum => TextOrNull() is { } text ? StatusNames.Parse<T>(text) : null;

    private static partial ReadOnlyMemory<byte> ReadBody(DbDataReader reader, int ordinal);

    private bool IsNull()
    {
        if (!reader.IsDBNull(next))
            return false;

        next++;
        return true;
    }
}
