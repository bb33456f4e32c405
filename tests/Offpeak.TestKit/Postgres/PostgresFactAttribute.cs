using System.Runtime.CompilerServices;

namespace Offpeak.TestKit.Postgres;

/// <summary>A test that needs a PostgreSQL server: skipped where none is installed, but not in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <summary>Marks a test.</summary>
    public PostgresFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        SkipType = typeof(PostgresServer);
        SkipUnless = nameof(PostgresServer.CanRun);
        Skip = "PostgreSQL is not installed: apt-get install postgresql.";
    }
}
