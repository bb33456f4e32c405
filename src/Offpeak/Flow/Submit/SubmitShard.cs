using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Hands one pending shard to its provider: claim, stream the entries, create exactly once, record. Whatever interrupts it leaves a row from
/// which <see cref="ReconcileShard"/> can tell what happened. The claim decides in one transaction whether cancel, round, budget and the
/// account's queue allow the call.
/// </summary>
internal sealed class SubmitShard(
    FlowContext flow, RecordAcceptance acceptance, Doubles doubles, CloseUnsent closeUnsent, CheckBudget budget, MakeRoom makeRoom, CleanUpShard cleanUp)
{
    public const string Component = "submit_shard";

    /// <summary>Submits a shard that is due.</summary>
    /// <param name="shardId">The shard.</param>
    /// <param name="hurries">Whether it is submitted although the row says to wait: for a caller that keeps a pace of its own.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>What is to be done next.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(long shardId, bool hurries, CancellationToken ct)
    {
        if (await flow.Store.FindShardAsync(shardId, ct) is not { Status: ShardStatus.Pending } shard)
            return [];

        if (!hurries && shard.NextSubmitAt is not null && !await flow.HasComeAsync(shard.NextSubmitAt, ct))
            return [];

        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        var batch = await flow.GetBatchAsync(shard.BatchId, ct);
        if (batch.CancelRequestedAt is not null || await flow.HasComeAsync(batch.FallbackAt, ct))
            return await CancelUnsentAsync(shard, batch, ct);

        if (flow.Providers.Find(shard.Provider) is not { } provider)
            return await WaitAsync(shard, Trouble.Of(FlowContext.Unregistered(shard), "submitting"), cost: null, ct);

        using var slot = await flow.Slots.EnterAsync(SlotKind.Submit, shard.Provider, ct);
        return await BeginAsync(shard, batch, provider, ct);
    }

    /// <summary>The create call was begun and its reply is not known.</summary>
    public static ShardChange LoseReply(ShardRow shard, string reason) => new()
    {
        Status = BatchTransitions.Target(shard.Status, ShardEvent.LoseReply),
        UnconfirmedAt = When.Now,
        LostCreates = shard.LostCreates + 1,
        Trouble = new Trouble(ProviderErrorClass.Transient, reason),
        Lease = LeaseChange.Release,
    };

    private async Task<IReadOnlyList<WorkItem>> BeginAsync(ShardRow shard, BatchRow batch, IBatchProvider provider, CancellationToken ct)
    {
        // What is begun at the provider belongs to the key that began it.
        var otherKey = flow.HasOtherKey(shard);
        if (otherKey && shard.CreateBegunAt is not null)
            return await WaitAsync(shard, Trouble.OtherKey, cost: null, ct);

        var (cost, unpriced) = await PriceAsync(batch, shard, ct);
        if (unpriced is not null)
            return await WaitAsync(shard, unpriced, cost: null, ct);

        var (take, lease) = flow.Leases.Take(shard);
        var change = new ShardChange
        {
            Status = BatchTransitions.Target(shard.Status, ShardEvent.BeginSubmit),
            SubmitAttempts = shard.SubmitAttempts + 1,
            CreateBegunAt = When.Never,
            Journal = otherKey ? shard.Journal.LeaveBehind() : shard.Journal,
            ReservedCost = cost,
            Lease = take,
        };
        var limits = new SubmitLimits(cost, flow.Options.MaxEnqueuedTokensOf(shard.Provider, shard.Model));
        var begun = await flow.Store.TryBeginSubmitAsync(shard, flow.WithKeyInUse(shard, change), limits, ct);
        return begun.Outcome switch
        {
            BeginOutcome.Begun => await HandOverAsync(begun.Shard!, provider, lease, ct),
            BeginOutcome.OverBudget => await StopForBudgetAsync(shard, batch, ct),
            BeginOutcome.BudgetReserved => await WaitAsync(shard, new Trouble(ProviderErrorClass.Budget, "Waits until it is known what the shards before it cost."), cost, ct),
            BeginOutcome.NoRoom => await WaitAsync(shard, new Trouble(ProviderErrorClass.Capacity, "Waits for room in the account's queue of tokens."), cost, ct),
            BeginOutcome.Lost => Lost(),
            _ => [],
        };
    }

    // A price may be taken away, or a budget set, after the batch was submitted.
    private async Task<(decimal? Cost, Trouble? Unpriced)> PriceAsync(BatchRow batch, ShardRow shard, CancellationToken ct)
    {
        try
        {
            return (await budget.CostOfAsync(batch, shard, ct), null);
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.Budget)
        {
            return (null, new Trouble(ProviderErrorClass.Budget, error.Message, IsPaused: true));
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            return (null, Trouble.Of(error, "estimating its cost"));
        }
    }

    private async Task<IReadOnlyList<WorkItem>> HandOverAsync(ShardRow shard, IBatchProvider provider, Lease lease, CancellationToken ct)
    {
        flow.Probe.Reached(FlowPoint.SubmitClaimed);
        var submission = new ShardSubmission(flow, shard, lease)
        {
            Shard = FlowContext.Describe(shard),
            BodyBytes = shard.BodyBytes,
            WireIdBytes = ((shard.SubmissionKey.Value.Length + 1L) * shard.EntryCount) + await flow.Store.SumEntryIdLengthsAsync(shard.Id, ct),
        };
        try
        {
            return await lease.TryRunAsync(token => SubmitAsync(submission, provider, token, ct), stopsOnCancel: false, ct) || submission.CreateBegun
                ? []
                : await GiveBackAsync(submission.Row);
        }
        catch (ProviderException error) when (error.Class != ProviderErrorClass.OutcomeUnknown)
        {
            return error.Class == ProviderErrorClass.Refused ? await RefuseAsync(submission.Row, error) : await ReleaseAsync(submission.Row, error);
        }
        catch (Exception error) when (submission.CreateBegun)
        {
            await LoseReplyAsync(submission.Row, error is ProviderException ? error.Message : $"{error.GetType().Name} while the provider was asked.");
            ct.ThrowIfCancellationRequested();
            return [];
        }
        catch (Exception error)
        {
            await ReleaseAsync(submission.Row, error, stops: ct.IsCancellationRequested);
            ct.ThrowIfCancellationRequested();
            return [];
        }
    }

    // A lease that is lost stops what leads to the create call, not the call itself: it may be on its way already, and only its reply names
    // what others do not know of.
    private async Task SubmitAsync(ShardSubmission submission, IBatchProvider provider, CancellationToken held, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var loss = held.Register(() =>
        {
            if (!submission.CreateBegun)
                stop.Cancel();
        });
        var receipt = await provider.SubmitAsync(submission, stop.Token);
        flow.Probe.Reached(FlowPoint.CreateReturned);
        // From here on it is written down even while the process is shutting down: the call has happened.
        if (!await acceptance.RunAsync(Component, submission.Row, ShardEvent.Accept, receipt, doubles: [], isSeen: true, CancellationToken.None))
            await SettleLateCreateAsync(submission.Row, receipt);
    }

    // The lease was lost before the reply came, and others have gone on as if there were none: what was made must not stay unseen.
    private async Task SettleLateCreateAsync(ShardRow shard, ProviderReceipt receipt)
    {
        var current = await flow.Store.FindShardAsync(shard.Id, CancellationToken.None) ?? shard;
        if (current.ProviderBatchId == receipt.ProviderBatchId)
            return;

        if (current.Status != ShardStatus.Unconfirmed
            || !await acceptance.RunAsync(Component, current, ShardEvent.Adopt, receipt, doubles: [], isSeen: true, CancellationToken.None))
        {
            await doubles.NoteAsync(Component, shard, receipt.ProviderBatchId, CancellationToken.None);
        }
    }

    private async Task LoseReplyAsync(ShardRow shard, string reason)
    {
        var lost = await flow.TryAsync(shard, LoseReply(shard, reason), CancellationToken.None);
        flow.Probe.Reached(FlowPoint.ReplyLost);
        if (lost is null)
            await LookAfterOthersAsync(shard);
    }

    // Others took the call for lost, and have closed the shard before it was sent: nobody will look for it any more.
    private async Task LookAfterOthersAsync(ShardRow shard)
    {
        if (await flow.Store.FindShardAsync(shard.Id, CancellationToken.None) is { ResultsFetchedAt: not null } closed
            && await doubles.LookLastAsync(Component, closed, CancellationToken.None) is { } doubt)
        {
            await flow.TryAsync(closed, new ShardChange { Doubt = doubt }, CancellationToken.None);
        }
    }

    private async Task<IReadOnlyList<WorkItem>> RefuseAsync(ShardRow shard, ProviderException error)
    {
        flow.Errors.Report(error, Component, shard.BatchId);
        var batch = await flow.GetBatchAsync(shard.BatchId, CancellationToken.None);
        var to = RoundPolicy.WhenUnsent(batch, EntryStatus.Failed);
        return await closeUnsent.RunAsync(
            Component, shard, ShardEvent.Refuse, to, error.ProviderCode ?? FailureCodes.BatchRefused, error.Message, doubt: null, CancellationToken.None);
    }

    private async Task<IReadOnlyList<WorkItem>> ReleaseAsync(ShardRow shard, Exception error, bool stops = false)
    {
        var fault = error as ProviderException;
        var wait = stops ? TimeSpan.Zero : flow.Delay(shard.SubmitAttempts, fault?.RetryAfter);
        var trouble = stops ? null : Trouble.Of(error, "submitting");
        var released = await flow.TryAsync(
            shard,
            new ShardChange
            {
                Status = BatchTransitions.Target(shard.Status, ShardEvent.ReleaseSubmit),
                CreateBegunAt = shard.Journal.IsEmpty ? When.Never : default(Set<When>),
                NextSubmitAt = When.In(wait),
                Trouble = trouble,
                Lease = LeaseChange.Release,
            },
            CancellationToken.None);
        flow.Probe.Reached(FlowPoint.SubmitReleased);
        if (trouble is { Class.IsPassing: false } && trouble != shard.Trouble)
            flow.Errors.Report(error, Component, shard.BatchId);

        return released is not null && fault?.Class == ProviderErrorClass.Capacity
            ? await makeRoom.TrySplitAsync(Component, released, CancellationToken.None) ?? []
            : [];
    }

    // Nobody has taken it over if the row is as we left it: the batch was cancelled during the hand-over.
    private async Task<IReadOnlyList<WorkItem>> GiveBackAsync(ShardRow shard)
    {
        var back = new ShardChange
        {
            Status = BatchTransitions.Target(shard.Status, ShardEvent.ReleaseSubmit),
            NextSubmitAt = When.Now,
            Lease = LeaseChange.Release,
        };
        return await flow.TryAsync(shard, back, CancellationToken.None) is null ? [] : [new WorkItem(WorkKind.Submit, shard.Id)];
    }

    // A trouble that lasts is reported when it begins, not at every look.
    private async Task<IReadOnlyList<WorkItem>> WaitAsync(ShardRow shard, Trouble trouble, decimal? cost, CancellationToken ct)
    {
        var change = new ShardChange
        {
            NextSubmitAt = When.In(flow.Delay(shard.SubmitAttempts, null)),
            Trouble = trouble,
            ReservedCost = cost ?? shard.ReservedCost,
        };
        if (await flow.TryAsync(shard, change, ct) is not null && (trouble.IsPaused || !trouble.Class.IsPassing) && trouble != shard.Trouble)
            flow.Errors.Report(new OffpeakException(OffpeakErrorCode.Provider, trouble.Message), Component, shard.BatchId);

        return [];
    }

    private Task<IReadOnlyList<WorkItem>> StopForBudgetAsync(ShardRow shard, BatchRow batch, CancellationToken ct) => closeUnsent.RunAsync(
        Component, shard, ShardEvent.Cancel, EntryStatus.Failed, FailureCodes.Budget, $"Not sent: the budget of {batch.MaxCost:0.######} USD is used up.", doubt: null, ct);

    private async Task<IReadOnlyList<WorkItem>> CancelUnsentAsync(ShardRow shard, BatchRow batch, CancellationToken ct)
    {
        // What was begun would run on, and cost, unseen; so it is stopped now, and later if that fails.
        await cleanUp.AbandonAsync(Component, shard, ct);
        var to = RoundPolicy.WhenMissing(ShardStatus.Canceled, RoundPolicy.RoundsLeft(batch, shard));
        return await closeUnsent.RunAsync(
            Component, shard, ShardEvent.Cancel, to, FailureCodes.Canceled, "Cancelled before it was sent.", doubt: null, ct);
    }

    private IReadOnlyList<WorkItem> Lost()
    {
        flow.Probe.Reached(FlowPoint.LostRace);
        return [];
    }
}
