using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Offpeak.Sqlite;

/// <summary>Lets <c>dotnet ef migrations add</c> find the model.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteOffpeakDbContext>
{
    public SqliteOffpeakDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteOffpeakDbContext>().UseSqlite("Data Source=design.db").Options);
}
