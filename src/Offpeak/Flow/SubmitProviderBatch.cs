using Microsoft.EntityFrameworkCore.Query;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Hands one pending provider batch to its provider: claim, stream the entries, create exactly once, record. Whatever interrupts it leaves
/// a row from which <see cref="ReconcileSubmission"/> can tell what happened.
/// </summary>
internal sealed class SubmitProviderBatch(
    FlowContext flow, AdvanceBatch advance, RecordAcceptance acceptance, CancelDouble cancelDouble, AbandonSubmission abandon, Random random)
{
    public const string Component = "submit_provider_batch";

    public async Task RunAsync(long shardId, CancellationToken ct)
    {
        if (await flow.Shards.FindAsync(shardId, ct) is not { Status: ProviderBatchStatus.Pending } shard || !flow.Shards.IsFree(shard))
            return;
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        var batch = await flow.BatchOfAsync(shard, ct);
        if (batch.CancelRequestedAt is not null || batch.FallbackAt <= flow.Now)
        {
            await CancelUnsentAsync(shard, batch, ct);
            return;
        }

        var provider = flow.Providers.Get(shard.Provider);
        if (await TryClaimAsync(shard, provider, ct))
            await HandOverAsync(shard, provider, ct);
    }

    private async Task<bool> TryClaimAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        var claimed = await flow.Shards.TryMoveAndLeaseAsync(
            shard,
            ProviderBatchEvent.BeginSubmit,
            flow.Options.LeaseDuration,
            set =>
            {
                set.SetProperty(p => p.SubmitAttempts, p => p.SubmitAttempts + 1);
                set.SetProperty(p => p.CreateBegunAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.KeyFingerprint, provider.KeyFingerprint);
            },
            ct);
        if (claimed)
            flow.Probe.Reached(FlowPoint.SubmitClaimed);
        return claimed;
    }

    private async Task HandOverAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        var submission = await DescribeAsync(shard, ct);
        try
        {
            var receipt = await provider.SubmitAsync(submission, ct);
            flow.Probe.Reached(FlowPoint.CreateReturned);
            if (!await acceptance.RunAsync(shard, ProviderBatchEvent.RecordSubmitted, receipt, duplicates: [], CancellationToken.None))
                await SettleLateCreateAsync(shard, receipt);
        }
        catch (ProviderException error) when (error.Class == ProviderErrorClass.OutcomeUnknown)
        {
            await LoseReplyAsync(shard, error.Message);
        }
        catch (ProviderException error) when (error.Class == ProviderErrorClass.Refused)
        {
            await RefuseAsync(shard, error);
        }
        catch (ProviderException error)
        {
            await ReleaseAsync(shard, error);
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
        }
        catch (Exception error) when (!submission.CreateBegun)
        {
            await ReleaseAsync(shard, error);
            if (ct.IsCancellationRequested)
                throw;
        }
    }

    // The lease was lost before the reply came, and others have gone on as if there were none: what was made must not stay unseen.
    private async Task SettleLateCreateAsync(ProviderBatch shard, ProviderReceipt receipt)
    {
        var current = await flow.Shards.FindAsync(shard.Id, CancellationToken.None) ?? shard;
        if (current.ProviderBatchId == receipt.ProviderBatchId)
            return;
        if (current.Status != ProviderBatchStatus.Unconfirmed
            || !await acceptance.RunAsync(current, ProviderBatchEvent.Adopt, receipt, duplicates: [], CancellationToken.None))
        {
            await cancelDouble.NoteAsync(shard, receipt.ProviderBatchId, CancellationToken.None);
        }
    }

    private async Task<ShardSubmission> DescribeAsync(ProviderBatch shard, CancellationToken ct)
    {
        var key = new SubmissionKey(shard.SubmissionKey);
        return new ShardSubmission(flow, shard)
        {
            Shard = FlowContext.Describe(shard),
            BodyBytes = shard.BodyBytes,
            WireIdBytes = ((key.Value.Length + 1L) * shard.EntryCount) + await flow.Entries.SumIdLengthsAsync(shard.Id, ct),
        };
    }

    // The rows written after a call are written even while the process is shutting down: the call has happened.
    private async Task LoseReplyAsync(ProviderBatch shard, string reason)
    {
        var now = flow.Now;
        await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.LoseReply,
            set =>
            {
                set.SetProperty(p => p.UnconfirmedAt, now);
                set.SetProperty(p => p.LastError, reason);
                ShardStore.ReleaseLease(set);
            },
            CancellationToken.None);
        flow.Probe.Reached(FlowPoint.ReplyLost);
    }

    private async Task RefuseAsync(ProviderBatch shard, ProviderException error)
    {
        var now = flow.Now;
        var code = error.ProviderCode ?? FailureCodes.BatchRefused;
        var to = RoundPolicy.HasFallback(await flow.BatchOfAsync(shard, CancellationToken.None)) ? EntryStatus.Pending : EntryStatus.Failed;
        await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.Refuse,
            set =>
            {
                set.SetProperty(p => p.FailureError, code);
                set.SetProperty(p => p.FailureReason, error.Message);
                set.SetProperty(p => p.EndedAt, now);
                set.SetProperty(p => p.ResultsFetchedAt, now);
                ShardStore.ReleaseLease(set);
            },
            CancellationToken.None,
            db => db.SettleShardAsync(shard.Id, EntryStatus.Pending, to, code, error.Message, CancellationToken.None));
        flow.Errors.Report(error, Component, shard.BatchId);
        await advance.RunAsync(shard.BatchId, CancellationToken.None);
    }

    private async Task ReleaseAsync(ProviderBatch shard, Exception error)
    {
        var fault = error as ProviderException;
        var wait = error is OperationCanceledException ? TimeSpan.Zero : flow.Options.PollSchedule.Delay(shard.SubmitAttempts, random, fault?.RetryAfter);
        var next = flow.Now + wait;
        var paused = fault?.Class == ProviderErrorClass.Unauthorized ? fault.Message : null;
        await flow.Shards.TryMoveAsync(
            shard, ProviderBatchEvent.ReleaseSubmit, set => Release(set, next, paused, Describe(error), fault?.Class.Value), CancellationToken.None);
        flow.Probe.Reached(FlowPoint.SubmitReleased);
        var newlyPaused = paused is not null && paused != shard.PausedReason;
        if (fault is null ? error is not OperationCanceledException : newlyPaused || (paused is null && !fault.Class.IsPassing))
            flow.Errors.Report(error, Component, shard.BatchId);
    }

    private static void Release(UpdateSettersBuilder<ProviderBatch> set, DateTimeOffset next, string? paused, string? lastError, string? errorClass)
    {
        set.SetProperty(p => p.NextSubmitAt, next);
        set.SetProperty(p => p.PausedReason, paused);
        set.SetProperty(p => p.LastError, lastError);
        set.SetProperty(p => p.LastErrorClass, errorClass);
        ShardStore.ReleaseLease(set);
    }

    private static string? Describe(Exception error) => error switch
    {
        ProviderException => error.Message,
        OperationCanceledException => null,
        _ => $"{error.GetType().Name} while submitting.",
    };

    private async Task CancelUnsentAsync(ProviderBatch shard, Batch batch, CancellationToken ct)
    {
        await abandon.RunAsync(shard, ct);
        var now = flow.Now;
        var to = RoundPolicy.WhenMissing(ProviderBatchStatus.Canceled, RoundPolicy.RoundsLeft(batch, shard));
        await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.Cancel,
            set =>
            {
                set.SetProperty(p => p.EndedAt, now);
                set.SetProperty(p => p.ResultsFetchedAt, now);
            },
            ct,
            db => db.SettleShardAsync(
                shard.Id, EntryStatus.Pending, to, FailureCodes.Canceled, "Cancelled before it was sent.", ct));
        await advance.RunAsync(shard.BatchId, ct);
    }
}
