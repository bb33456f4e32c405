using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Offpeak.Storage;

namespace Offpeak.Sqlite;

/// <summary>Offpeak's database in one SQLite file.</summary>
public sealed class SqliteOffpeakDbContext : OffpeakDbContext
{
    /// <summary>Makes a context.</summary>
    public SqliteOffpeakDbContext(DbContextOptions<SqliteOffpeakDbContext> options)
        : base(options)
    {
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcText>();

    // SQLite has no time type; EF compares DateTime columns as sortable UTC text, which a person can read too.
    internal sealed class UtcText() : ValueConverter<DateTimeOffset, DateTime>(
        value => value.UtcDateTime,
        value => new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Utc)));
}
