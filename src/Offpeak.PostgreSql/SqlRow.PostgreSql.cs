using System.Data.Common;

namespace Offpeak.Storage.Sql;

internal sealed partial class SqlRow
{
    private static partial ReadOnlyMemory<byte> ReadBody(DbDataReader reader, int ordinal) => reader.GetFieldValue<byte[]>(ordinal);
}
