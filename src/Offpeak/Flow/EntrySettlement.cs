using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>Settles entries that wait for a round which will not come: the batch is cancelled, its budget is used up, or its canary died.</summary>
internal sealed class EntrySettlement(
    BatchStore batches, EntryStore entries, IDbContextFactory<OffpeakDbContext> contexts, TimeProvider time, IOptions<OffpeakOptions> options)
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

        return await CanaryProblemAsync(batch, ct) is { } problem && await StopAsync(batch, problem, ct);
    }

    private async Task<bool> StopAsync(Batch batch, string problem, CancellationToken ct)
    {
        if (!await batches.TryUpdateAsync(batch, set => set.SetProperty(b => b.FailureReason, problem), ct))
            return false;
        batch.FailureReason = problem;
        return await SettleAsync(batch.Id, EntryStatus.Failed, FailureCodes.Canary, problem, ct);
    }

    private async Task<string?> CanaryProblemAsync(Batch batch, CancellationToken ct)
    {
        if (batch.Canary is null || batch.Round != 1)
            return null;
        var (answered, sent) = await entries.CountSentAsync(batch.Id, ct);
        var share = options.Value.CanaryShare;
        return answered >= sent * share
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Stopped after the canary: {answered:N0} of the first {sent:N0} entries succeeded, {share:P0} were asked for.");
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
