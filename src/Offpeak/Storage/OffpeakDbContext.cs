using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>The database. Each store package derives it once, with its own migrations.</summary>
public abstract class OffpeakDbContext : DbContext
{
    /// <summary>Makes a context.</summary>
    protected OffpeakDbContext(DbContextOptions options)
        : base(options)
    {
    }

    /// <summary>Batches.</summary>
    public DbSet<Batch> Batches => Set<Batch>();

    /// <summary>Provider batches: shards of batches, per round.</summary>
    public DbSet<ProviderBatch> ProviderBatches => Set<ProviderBatch>();

    /// <summary>Entries, without their bodies.</summary>
    public DbSet<BatchEntry> Entries => Set<BatchEntry>();

    /// <summary>Request bodies.</summary>
    public DbSet<EntryRequest> EntryRequests => Set<EntryRequest>();

    /// <summary>Response bodies.</summary>
    public DbSet<EntryResult> EntryResults => Set<EntryResult>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyOffpeak();
}
