using Offpeak.Storage.Sql;

namespace Offpeak.PostgreSql;

/// <summary>The server's own clock, read when a statement begins: the same for all processes, whatever theirs say.</summary>
internal sealed class DatabaseClock : SqlClock
{
    // Not now(), which stands still in a transaction, nor clock_timestamp(), which no index can be searched with.
    public override string Now => "statement_timestamp()";

    public override string After(string parameter) => $"(statement_timestamp() + {parameter})";

    public override object Bind(TimeSpan delay) => delay;

    public override void BindNow(SqlCommand command)
    {
    }
}
