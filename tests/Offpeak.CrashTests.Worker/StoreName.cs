namespace Offpeak.CrashTests.Worker;

/// <summary>The stores that a run can be on.</summary>
internal enum StoreName
{
    Sqlite,
    PostgreSql,
}
