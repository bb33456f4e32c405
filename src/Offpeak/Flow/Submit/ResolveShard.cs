using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>The operator's word on a shard whose fate nobody can tell, or whose key is gone: adopt a provider batch, or submit again.</summary>
internal sealed class ResolveShard(FlowContext flow, RecordAcceptance acceptance)
{
    public const string Component = "resolve_shard";

    public async Task<(long BatchId, IReadOnlyList<WorkItem> Next)> RunAsync(long shardId, ShardResolution resolution, CancellationToken ct)
    {
        var shard = await flow.Store.FindShardAsync(shardId, ct)
            ?? throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"There is no shard {shardId}.");
        if (shard.Status != ShardStatus.Unconfirmed && !(resolution.ProviderBatchId is null && WaitsForItsKey(shard)))
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Shard {shardId} needs no decision; it is {shard.Status.ToName()}.");

        if (resolution.ProviderBatchId is { } known && shard.RejectedIds.Contains(known, StringComparer.Ordinal))
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, $"Provider batch {known} was turned away before the create call in doubt; it is not the one that shard {shardId} may have. Look for another.");
        }

        var resolved = resolution.ProviderBatchId is { } id
            ? await acceptance.RunAsync(Component, shard, ShardEvent.Adopt, new ProviderReceipt(id), doubles: [], isSeen: false, ct)
            : await TryDiscardAsync(shard, ct);
        return resolved
            ? (shard.BatchId, resolution.ProviderBatchId is null ? [new WorkItem(WorkKind.Submit, shardId)] : [])
            : throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Shard {shardId} has just been changed, or is being looked for, by somebody else; look at it again.");
    }

    /// <summary>Whether it was certainly not created, and waits for the key with which it was begun.</summary>
    public static bool WaitsForItsKey(ShardRow shard) =>
        shard is { Status: ShardStatus.Pending, Trouble.Class: var kind } && kind == ProviderErrorClass.OtherKey;

    /// <summary>
    /// Releases an unconfirmed shard to be submitted again, or one that waits for its key to begin with the one in use. False: somebody else has changed it, or is looking for it at this moment and may
    /// have found it already.
    /// </summary>
    public async Task<bool> TryDiscardAsync(ShardRow shard, CancellationToken ct)
    {
        var discarded = await flow.TryAsync(
            shard,
            new ShardChange
            {
                Status = shard.Status == ShardStatus.Pending ? null : BatchTransitions.Target(shard.Status, ShardEvent.ProveAbsent),
                NextSubmitAt = When.Now,
                UnconfirmedAt = When.Never,
                CreateBegunAt = When.Never,
                Journal = shard.Journal.LeaveBehind(),
                Trouble = (Trouble?)null,
                Lease = flow.Leases.TakeAway(shard.LeaseOwner),
            },
            ct);
        if (discarded is not null)
            flow.Probe.Reached(FlowPoint.ProvenAbsent);

        return discarded is not null;
    }
}
