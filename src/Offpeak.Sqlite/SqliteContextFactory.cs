using Microsoft.EntityFrameworkCore;
using Offpeak.Storage;

namespace Offpeak.Sqlite;

/// <summary>Makes contexts for one database file.</summary>
internal sealed class SqliteContextFactory(DbContextOptions<SqliteOffpeakDbContext> options) : IDbContextFactory<OffpeakDbContext>
{
    public OffpeakDbContext CreateDbContext() => new SqliteOffpeakDbContext(options);
}
