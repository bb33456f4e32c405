using Offpeak.Batches;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Ends a shard that no provider has accepted: cancelled, refused or given up. What its attempts may have left at the provider is looked for
/// once more and cleaned up later.
/// </summary>
internal sealed class CloseUnsent(FlowContext flow, Doubles doubles)
{
    /// <param name="component">Who ends it, for reports.</param>
    /// <param name="shard">The shard as it was read.</param>
    /// <param name="cause">Why.</param>
    /// <param name="to">What its entries become.</param>
    /// <param name="code">Their error code.</param>
    /// <param name="message">Their error message.</param>
    /// <param name="doubt">What is in doubt about it; null to look for that.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>What is to be done next; empty if the race was lost.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(
        string component, ShardRow shard, ShardEvent cause, EntryStatus to, string code, string message, string? doubt, CancellationToken ct)
    {
        doubt ??= await doubles.LookLastAsync(component, shard, ct);
        var mayHoldSomething = !shard.Journal.IsEmpty || shard.FirstCreateAt is not null;
        var change = new ShardChange
        {
            Status = BatchTransitions.Target(shard.Status, cause),
            EndedAt = When.Now,
            ResultsFetchedAt = When.Now,
            NextSubmitAt = When.Never,
            FailureCode = cause == ShardEvent.Cancel ? null : code,
            FailureReason = cause == ShardEvent.Cancel ? doubt : message,
            Doubt = doubt,
            Trouble = (Trouble?)null,
            NextCleanUpAt = mayHoldSomething ? When.Now : When.Never,
            Lease = LeaseChange.Release,
        };
        var settled = to == EntryStatus.Pending
            ? new EntryChange(EntryStatus.Pending, EntryStatus.Pending, code, message)
            : EntryChange.Settle(EntryStatus.Pending, to, code, message);
        return await flow.TryAsync(shard, change, settled, ct) is null ? [] : [new WorkItem(WorkKind.Advance, shard.BatchId)];
    }
}
