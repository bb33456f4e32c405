using Microsoft.Extensions.DependencyInjection;
using Offpeak.Sqlite;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Stores Offpeak's data in a SQLite file.</summary>
public static class SqliteOffpeakBuilderExtensions
{
    /// <summary>Uses a SQLite file, made and upgraded when the host starts. Other tables in it are left alone.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file. Its folder must exist.</param>
    public static OffpeakBuilder UseSqlite(this OffpeakBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        builder.Services.AddSingleton<IOffpeakStore>(services => new SqliteStore(path, services.GetRequiredService<TimeProvider>()));
        return builder;
    }
}
