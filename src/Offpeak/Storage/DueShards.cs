using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>What the sweeps look for among provider batches: pages by id, so that rows a sweep cannot help never hide later ones.</summary>
internal sealed class DueShards(IDbContextFactory<OffpeakDbContext> contexts)
{
    /// <summary>Accepted by the provider, results not read yet, and the next poll overdue since a moment.</summary>
    public Task<List<ProviderBatch>> PollsDueAsync(DateTimeOffset cutoff, long after, int limit, CancellationToken ct) =>
        PageAsync(p => p.NextPollAt <= cutoff && p.ResultsFetchedAt == null, after, limit, ct);

    /// <summary>Waiting to be submitted, in the current round of a batch that runs.</summary>
    public async Task<List<ProviderBatch>> SubmitsDueAsync(DateTimeOffset now, long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.ProviderBatches.AsNoTracking()
            .Where(p => p.Id > after && p.Status == ProviderBatchStatus.Pending && (p.NextSubmitAt == null || p.NextSubmitAt <= now))
            .Where(p => db.Batches.Any(b => b.Id == p.BatchId && b.Status == BatchStatus.Running && b.Round == p.Round))
            .OrderBy(p => p.Id).Take(limit).ToListAsync(ct);
    }

    /// <summary>Submits that were interrupted or whose reply was lost.</summary>
    public Task<List<ProviderBatch>> UnsettledSubmitsAsync(long after, int limit, CancellationToken ct) =>
        PageAsync(p => p.Status == ProviderBatchStatus.Submitting || p.Status == ProviderBatchStatus.Unconfirmed, after, limit, ct);

    /// <summary>Accepted by a provider before a moment, and not finished.</summary>
    public Task<List<ProviderBatch>> OlderThanAsync(string provider, DateTimeOffset cutoff, long after, int limit, CancellationToken ct) =>
        PageAsync(p => p.Provider == provider && p.SubmittedAt <= cutoff && p.ResultsFetchedAt == null, after, limit, ct);

    /// <summary>
    /// Gives overdue rows a new poll generation, all in one statement. A row that has moved on since it was read keeps its own; the request
    /// that follows then costs at most one more status read.
    /// </summary>
    public async Task StartGenerationAsync(IReadOnlyCollection<ProviderBatch> rows, DateTimeOffset now, CancellationToken ct)
    {
        if (rows.Count == 0)
            return;
        var ids = rows.Select(p => p.Id).ToList();
        var latest = rows.Max(p => p.NextPollAt);
        var deadOwners = rows.Where(p => p.LeaseUntil > now).Select(p => p.LeaseOwner).Distinct().ToList();
        await using var db = await contexts.CreateDbContextAsync(ct);
        await db.ProviderBatches
            .Where(p => ids.Contains(p.Id) && p.NextPollAt <= latest && p.ResultsFetchedAt == null)
            .Where(p => p.LeaseOwner == null || p.LeaseUntil <= now || deadOwners.Contains(p.LeaseOwner))
            .ExecuteUpdateAsync(
                set =>
                {
                    set.SetProperty(p => p.PollGeneration, p => p.PollGeneration + 1);
                    set.SetProperty(p => p.Version, p => p.Version + 1);
                },
                ct);
    }

    private async Task<List<ProviderBatch>> PageAsync(
        Expression<Func<ProviderBatch, bool>> condition, long after, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await db.ProviderBatches.AsNoTracking()
            .Where(condition).Where(p => p.Id > after).OrderBy(p => p.Id).Take(limit).ToListAsync(ct);
    }
}
