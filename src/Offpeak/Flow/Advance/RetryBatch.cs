using Offpeak.Batches;
using Offpeak.Flow.Submit;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>The operator's retry: asks again for what was not answered, or releases what waits for a decision.</summary>
internal sealed class RetryBatch(FlowContext flow, ResolveShard resolve, StepEntries steps)
{
    public async Task<(int Released, IReadOnlyList<WorkItem> Next)> RunAsync(long batchId, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(batchId, ct);
        if (batch.SubmittedAt is null)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {batchId} was never submitted; there is nothing to ask again.");

        if (!batch.Status.IsTerminal())
            return await ReleaseUnconfirmedAsync(batchId, ct);

        if (batch.EntryCount > batch.SucceededCount)
            return await ReopenAsync(batch, ct);

        return batch.DispatchParkedAt is not null || (batch.DispatchError is not null && batch.HandlerDispatchedAt is null)
            ? await ReleaseHandlerAsync(batch, ct)
            : (0, []);
    }

    private async Task<(int, IReadOnlyList<WorkItem>)> ReleaseUnconfirmedAsync(long batchId, CancellationToken ct)
    {
        var next = new List<WorkItem>();
        foreach (var shard in await flow.Store.ListShardsAsync(batchId, ct))
        {
            if ((NobodyElseCanSettle(shard) || ResolveShard.WaitsForItsKey(shard)) && await resolve.TryDiscardAsync(shard, ct))
                next.Add(new WorkItem(WorkKind.Submit, shard.Id));
        }

        return (next.Count, next);
    }

    // One that was not looked for yet may turn up, and would then be paid for twice.
    private static bool NobodyElseCanSettle(ShardRow shard) => shard is { Status: ShardStatus.Unconfirmed, Trouble.Class: var kind }
        && (kind == ProviderErrorClass.OutcomeUnknown || kind == ProviderErrorClass.OtherKey);

    private async Task<(int, IReadOnlyList<WorkItem>)> ReleaseHandlerAsync(BatchRow batch, CancellationToken ct)
    {
        var change = Free(batch) with { NextDispatchAt = When.Now, DispatchParkedAt = When.Never, DispatchAttempt = 0 };
        return await flow.TryAsync(batch, change, ct) is null
            ? await RefuseWhileHandledAsync(batch, ct)
            : (1, [new WorkItem(WorkKind.Dispatch, batch.Id)]);
    }

    // As many rounds again as the batch was given at first, counted from here.
    private async Task<(int, IReadOnlyList<WorkItem>)> ReopenAsync(BatchRow batch, CancellationToken ct)
    {
        var change = Free(batch) with
        {
            Status = BatchTransitions.Target(batch.Status, BatchEvent.Reopen),
            Step = BatchStep.Reopen,
            MaxRounds = RoundPolicy.MoreRounds(batch.Round, batch.RoundsGiven),
            ReopenedAt = When.Now,
            // Whoever asks again after a dead canary wants all of it.
            Canary = (int?)null,
            CancelRequestedAt = When.Never,
            FinishedAt = When.Never,
            FailureReason = (string?)null,
            FailureCode = (string?)null,
            HandlerDispatchedAt = When.Never,
            NextDispatchAt = When.Never,
            DispatchParkedAt = When.Never,
            DispatchError = (string?)null,
            DispatchAttempt = 0,
        };
        if (batch.Step is not null || await flow.TryAsync(batch, change, ct) is not { } reopened)
            return await RefuseWhileHandledAsync(batch, ct);

        await steps.FinishAsync(reopened, ct);
        return (batch.EntryCount - batch.SucceededCount, [new WorkItem(WorkKind.Advance, batch.Id)]);
    }

    // A run that is under way would be fenced off in the middle of its work, and start again.
    private BatchChange Free(BatchRow batch) => new() { Lease = flow.Leases.TakeAway(batch.LeaseOwner) };

    private async Task<(int, IReadOnlyList<WorkItem>)> RefuseWhileHandledAsync(BatchRow batch, CancellationToken ct)
    {
        var now = await flow.GetBatchAsync(batch.Id, ct);
        if (now.Version == batch.Version && now.Step is null)
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"The handler of batch {batch.Id} is running at this moment; retry when it has returned.");

        return (0, []);
    }
}
