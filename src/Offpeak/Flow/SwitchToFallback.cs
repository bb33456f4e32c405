using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Turns what is missing of a batch into requests for its fallback: from here on every round goes there. A conversation starts over.</summary>
internal sealed class SwitchToFallback(FlowContext flow, IDbContextFactory<OffpeakDbContext> contexts)
{
    /// <returns>False if another worker has changed the batch.</returns>
    public async Task<bool> TryRunAsync(Batch batch, CancellationToken ct)
    {
        var now = flow.Now;
        var rounds = batch.Round + flow.Options.MaxRounds;
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var switched = await db.Batches.Where(b => b.Id == batch.Id && b.Version == batch.Version && b.Status == batch.Status).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(b => b.Version, b => b.Version + 1);
                set.SetProperty(b => b.FallbackSince, now);
                set.SetProperty(b => b.MaxRounds, rounds);
            },
            ct);
        if (switched == 0)
            return false;
        await RewriteAsync(db, batch, ct);
        await transaction.CommitAsync(ct);
        (batch.Version, batch.FallbackSince, batch.MaxRounds) = (batch.Version + 1, now, rounds);
        flow.Probe.Reached(FlowPoint.FallbackBegun);
        return true;
    }

    private static async Task RewriteAsync(OffpeakDbContext db, Batch batch, CancellationToken ct)
    {
        var model = ModelName.Split(batch.FallbackModel!).Model;
        var waiting = db.Entries.Where(e => e.BatchId == batch.Id && e.Status == EntryStatus.Pending && e.ShardId == null);
        await db.EntryRequests.Where(r => waiting.Any(e => e.Id == r.EntryId))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.NextBody, r => r.FallbackBody), ct);
        await waiting.ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Model, model);
                set.SetProperty(e => e.RequestBytes, e => db.EntryRequests.Where(r => r.EntryId == e.Id).Select(r => r.FallbackBody!.Length).First());
                set.SetProperty(e => e.Turn, 0);
                set.SetProperty(e => e.AnswerRetries, 0);
                set.SetProperty(e => e.OutputRaised, false);
            },
            ct);
    }
}
