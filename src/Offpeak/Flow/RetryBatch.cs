using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>The operator's retry: asks again for what was not answered, and releases what waits for a decision.</summary>
internal sealed class RetryBatch(FlowContext flow, IDbContextFactory<OffpeakDbContext> contexts, AdvanceBatch advance)
{
    public async Task<int> RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.Batches.GetAsync(batchId, ct);
        if (batch.SealedAt is null)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} was never submitted; there is nothing to ask again.");
        if (!batch.Status.IsTerminal())
            return await ReleaseUnconfirmedAsync(batchId, ct);
        if (batch.DispatchParkedAt is not null || batch.DispatchError is not null)
            return await ReleaseHandlerAsync(batch, ct);
        return await ReopenAsync(batch, ct);
    }

    private async Task<int> ReleaseUnconfirmedAsync(long batchId, CancellationToken ct)
    {
        var released = 0;
        foreach (var shard in await flow.Shards.ListAsync(batchId, ct))
        {
            if (shard.Status == ProviderBatchStatus.Unconfirmed && await flow.Shards.TryMoveAsync(
                shard, ProviderBatchEvent.ProveAbsent, set => set.SetProperty(p => p.NextSubmitAt, (DateTimeOffset?)null), ct))
            {
                released++;
            }
        }

        return released;
    }

    private async Task<int> ReleaseHandlerAsync(Batch batch, CancellationToken ct)
    {
        var now = flow.Now;
        var released = await flow.Batches.TryUpdateAsync(
            batch,
            set =>
            {
                set.SetProperty(b => b.NextDispatchAt, now);
                set.SetProperty(b => b.DispatchParkedAt, (DateTimeOffset?)null);
                set.SetProperty(b => b.DispatchAttempt, 0);
            },
            ct);
        return released ? 1 : 0;
    }

    private async Task<int> ReopenAsync(Batch batch, CancellationToken ct)
    {
        int reopened;
        await using (var db = await contexts.CreateDbContextAsync(ct))
        await using (var transaction = await db.Database.BeginTransactionAsync(ct))
        {
            reopened = await ReopenEntriesAsync(db, batch.Id, ct);
            if (reopened == 0 || !await TryReopenBatchAsync(db, batch, ct))
                return 0;
            await transaction.CommitAsync(ct);
        }

        await advance.RunAsync(batch.Id, ct);
        return reopened;
    }

    private static async Task<int> ReopenEntriesAsync(OffpeakDbContext db, long batchId, CancellationToken ct)
    {
        var unanswered = db.Entries.Where(e => e.BatchId == batchId
            && (e.Status == EntryStatus.Failed || e.Status == EntryStatus.Canceled || e.Status == EntryStatus.Expired));
        await StartOverAsync(db, unanswered, ct);
        return await unanswered.ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.Status, EntryStatus.Pending);
                set.SetProperty(e => e.ShardId, (long?)null);
            },
            ct);
    }

    // A conversation that came to a bad end starts over; one that was only interrupted goes on.
    private static async Task StartOverAsync(OffpeakDbContext db, IQueryable<BatchEntry> unanswered, CancellationToken ct)
    {
        var ended = unanswered.Where(e => e.Continuation == null && (e.Turn > 0 || e.AnswerRetries > 0 || e.OutputRaised));
        await db.EntryRequests.Where(r => ended.Any(e => e.Id == r.EntryId)).ExecuteUpdateAsync(
            set => set.SetProperty(r => r.NextBody, r => db.Batches.Any(b => b.FallbackSince != null
                && db.Entries.Any(e => e.Id == r.EntryId && e.BatchId == b.Id)) ? r.FallbackBody : null),
            ct);
        await ended.ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(e => e.RequestBytes, e => db.EntryRequests.Where(r => r.EntryId == e.Id).Select(r => (r.NextBody ?? r.Body).Length).First());
                set.SetProperty(e => e.Turn, 0);
                set.SetProperty(e => e.AnswerRetries, 0);
                set.SetProperty(e => e.OutputRaised, false);
            },
            ct);
    }

    // As many rounds again as the batch was given at first, counted from here.
    private async Task<bool> TryReopenBatchAsync(OffpeakDbContext db, Batch batch, CancellationToken ct)
    {
        var running = BatchTransitions.Target(batch.Status, BatchEvent.Reopen);
        var rounds = batch.Round + flow.Options.MaxRounds;
        return await db.Batches
            .Where(b => b.Id == batch.Id && b.Version == batch.Version && b.Status == batch.Status)
            .ExecuteUpdateAsync(
                set =>
                {
                    set.SetProperty(b => b.Version, b => b.Version + 1);
                    set.SetProperty(b => b.Status, running);
                    set.SetProperty(b => b.MaxRounds, rounds);
                    // Whoever asks again after a dead canary wants all of it.
                    set.SetProperty(b => b.Canary, (int?)null);
                    set.SetProperty(b => b.CancelRequestedAt, (DateTimeOffset?)null);
                    set.SetProperty(b => b.FinishedAt, (DateTimeOffset?)null);
                    set.SetProperty(b => b.FailureReason, (string?)null);
                    set.SetProperty(b => b.HandlerDispatchedAt, (DateTimeOffset?)null);
                    set.SetProperty(b => b.NextDispatchAt, (DateTimeOffset?)null);
                    set.SetProperty(b => b.DispatchAttempt, 0);
                },
                ct) > 0;
    }
}
