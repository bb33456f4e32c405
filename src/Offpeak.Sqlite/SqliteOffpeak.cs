using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Offpeak.Sqlite;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Stores Offpeak's data in a SQLite file.</summary>
public static class SqliteOffpeak
{
    /// <summary>Uses a SQLite file, made and migrated when the host starts.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file. Its folder must exist.</param>
    public static OffpeakBuilder UseSqlite(this OffpeakBuilder builder, string path)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, ForeignKeys = true }.ToString();
        builder.Services.AddSingleton(services => new DbContextOptionsBuilder<SqliteOffpeakDbContext>()
            .UseSqlite(connectionString)
            .AddInterceptors(new SqliteConnectionSetup())
            .AddInterceptors(services.GetServices<IInterceptor>())
            .Options);
        builder.Services.AddSingleton<IDbContextFactory<OffpeakDbContext>, SqliteContextFactory>();
        builder.Services.TryAddSingleton<IBulkWriter, SqliteBulkWriter>();
        builder.Services.AddSingleton(services => new DatabaseMigration(
            ct => SqliteDatabase.MigrateAsync(services.GetRequiredService<IDbContextFactory<OffpeakDbContext>>(), path, ct)));
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredService<DatabaseMigration>());
        return builder;
    }
}
