using Microsoft.Extensions.DependencyInjection;
using Offpeak.PostgreSql;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>Stores Offpeak's data in a PostgreSQL database.</summary>
public static class PostgreSqlOffpeakBuilderExtensions
{
    /// <summary>Uses a PostgreSQL database, whose tables are made and upgraded when the host starts. Other tables in it are left alone.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString"><c>postgres://user:password@host:5432/database</c>, or a connection string of Npgsql. The database must exist.</param>
    /// <param name="configure">Changes settings.</param>
    /// <exception cref="OffpeakException">The connection string cannot be read.</exception>
    public static OffpeakBuilder UsePostgreSql(this OffpeakBuilder builder, string connectionString, Action<PostgreSqlOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var options = new PostgreSqlOptions();
        configure?.Invoke(options);
        // Read now, so that a mistake in it is found where it was made.
        PostgreSqlAddress.Parse(connectionString);
        builder.Services.AddSingleton<IOffpeakStore>(_ => new PostgreSqlStore(connectionString, options));
        return builder;
    }
}
