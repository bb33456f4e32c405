using Microsoft.EntityFrameworkCore;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Settles entries that wait for a round which will not come: the batch is cancelled, or its budget is used up.</summary>
internal sealed class EntrySettlement(IDbContextFactory<OffpeakDbContext> contexts, TimeProvider time)
{
    /// <returns>Whether the waiting entries were settled.</returns>
    public async Task<bool> StopRoundsAsync(Batch batch, EntryTotals totals, CancellationToken ct)
    {
        if (batch.CancelRequestedAt is not null)
            return await SettleAsync(batch.Id, EntryStatus.Canceled, FailureCodes.Canceled, "Not run before the batch was cancelled.", ct);
        if (totals.Cost >= batch.MaxCost)
        {
            var message = $"Not asked again: the budget of {batch.MaxCost:0.######} USD is used up.";
            return await SettleAsync(batch.Id, EntryStatus.Failed, FailureCodes.Budget, message, ct);
        }

        return false;
    }

    private async Task<bool> SettleAsync(long batchId, EntryStatus to, string code, string message, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var settled = await db.SettlePendingAsync(batchId, to, code, message, ct);
        // A round whose planning was interrupted may have left shards behind, whose entries are settled now.
        await db.CancelPendingAsync(batchId, time.GetUtcNow(), ct);
        await transaction.CommitAsync(ct);
        return settled > 0;
    }
}
