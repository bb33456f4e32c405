namespace Offpeak.PostgreSql;

/// <summary>Settings of the PostgreSQL store.</summary>
public sealed class PostgreSqlOptions
{
    /// <summary>The schema that holds the tables, made if it does not exist. Default: null, the first of the connection's search path.</summary>
    public string? Schema { get; set; }

    /// <summary>A clock to compare times with in place of the database's own, for tests.</summary>
    internal TimeProvider? Clock { get; set; }
}
