using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>The entity model, so that it can live in a host's own context as well.</summary>
public static class OffpeakModel
{
    /// <summary>Adds Offpeak's tables (<c>offpeak_*</c>, snake_case columns) to a model.</summary>
    public static ModelBuilder ApplyOffpeak(this ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Batch>(MapBatch);
        modelBuilder.Entity<ProviderBatch>(MapProviderBatch);
        modelBuilder.Entity<BatchEntry>(MapEntry);
        modelBuilder.Entity<EntryRequest>(MapEntryRequest);
        modelBuilder.Entity<EntryResult>(MapEntryResult);
        return modelBuilder;
    }

    private static void MapBatch(EntityTypeBuilder<Batch> batch)
    {
        batch.ToTable("offpeak_batches").HasKey(b => b.Id);
        batch.Property(b => b.Status).HasConversion(SnakeCaseEnum<BatchStatus>.Converter);
        batch.Property(b => b.MaxCost).HasPrecision(18, 9);
        batch.Property(b => b.Cost).HasPrecision(18, 9);
        batch.Ignore(b => b.FullModel);
        batch.Ignore(b => b.FallbackAt);
        batch.HasIndex(b => b.InputKey).IsUnique();
        batch.HasIndex(b => b.Status);
        batch.HasIndex(b => b.NextDispatchAt);
        NameColumns(batch);
    }

    private static void MapProviderBatch(EntityTypeBuilder<ProviderBatch> shard)
    {
        shard.ToTable("offpeak_provider_batches").HasKey(p => p.Id);
        shard.Property(p => p.Status).HasConversion(SnakeCaseEnum<ProviderBatchStatus>.Converter);
        shard.HasOne<Batch>().WithMany().HasForeignKey(p => p.BatchId).OnDelete(DeleteBehavior.Cascade);
        shard.HasIndex(p => new { p.BatchId, p.Round, p.Shard }).IsUnique();
        shard.HasIndex(p => p.SubmissionKey).IsUnique();
        shard.HasIndex(p => p.NextPollAt);
        shard.HasIndex(p => p.Status);
        NameColumns(shard);
    }

    private static void MapEntry(EntityTypeBuilder<BatchEntry> entry)
    {
        entry.ToTable("offpeak_entries").HasKey(e => e.Id);
        entry.Property(e => e.Status).HasConversion(SnakeCaseEnum<EntryStatus>.Converter);
        entry.Property(e => e.Continuation).HasConversion(SnakeCaseEnum<EntryContinuation>.Converter);
        entry.Property(e => e.Cost).HasPrecision(18, 9);
        entry.HasOne<Batch>().WithMany().HasForeignKey(e => e.BatchId).OnDelete(DeleteBehavior.Cascade);
        entry.HasIndex(e => new { e.BatchId, e.CustomId }).IsUnique();
        entry.HasIndex(e => new { e.BatchId, e.Id });
        entry.HasIndex(e => new { e.ShardId, e.Id });
        NameColumns(entry);
    }

    private static void MapEntryRequest(EntityTypeBuilder<EntryRequest> request)
    {
        request.ToTable("offpeak_entry_requests").HasKey(r => r.EntryId);
        request.Property(r => r.EntryId).ValueGeneratedNever();
        request.HasOne<BatchEntry>().WithOne().HasForeignKey<EntryRequest>(r => r.EntryId).OnDelete(DeleteBehavior.Cascade);
        NameColumns(request);
    }

    private static void MapEntryResult(EntityTypeBuilder<EntryResult> result)
    {
        result.ToTable("offpeak_entry_results").HasKey(r => r.EntryId);
        result.Property(r => r.EntryId).ValueGeneratedNever();
        result.HasOne<BatchEntry>().WithOne().HasForeignKey<EntryResult>(r => r.EntryId).OnDelete(DeleteBehavior.Cascade);
        NameColumns(result);
    }

    private static void NameColumns<T>(EntityTypeBuilder<T> entity)
        where T : class
    {
        foreach (var property in entity.Metadata.GetProperties())
            property.SetColumnName(ToSnakeCase(property.Name));
    }

    internal static string ToSnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
