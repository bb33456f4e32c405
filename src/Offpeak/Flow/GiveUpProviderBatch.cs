using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Gives up a provider batch that is older than its provider allows, but not before a last look: status, a best-effort cancel, and whatever
/// results there are.
/// </summary>
internal sealed class GiveUpProviderBatch(FlowContext flow, RecordSnapshot record, IngestResults ingest, ReschedulePoll reschedule, AdvanceBatch advance)
{
    public const string Component = "expire_stuck_batches";

    public async Task<bool> RunAsync(ProviderBatch shard, TimeSpan maxAge, CancellationToken ct)
    {
        using var activity = OffpeakTelemetry.StartStep(Component, shard.BatchId, shard.Id);
        if (!await flow.Shards.TryLeaseAsync(shard, flow.Options.LeaseDuration, ct))
            return false;
        try
        {
            if (!shard.Status.IsTerminal())
                await LookAndEndAsync(shard, maxAge, ct);
            await ReadOrCloseAsync(shard.Id, maxAge, ct);
            await advance.RunAsync(shard.BatchId, ct);
            return true;
        }
        catch (LeaseLostException)
        {
            flow.Probe.Reached(FlowPoint.LostRace);
            return false;
        }
    }

    private async Task LookAndEndAsync(ProviderBatch shard, TimeSpan maxAge, CancellationToken ct)
    {
        var provider = flow.Providers.Get(shard.Provider);
        var seen = await LookAsync(shard, provider, ct);
        if (seen?.State == ProviderBatchState.Running)
        {
            await CancelAsync(shard, provider, ct);
            seen = await LookAsync(shard, provider, ct);
        }

        // Whatever the provider says last is believed, but it is not waited for any longer.
        if (seen is not null and not { State: ProviderBatchState.Running } && seen.Failure?.Class != ProviderErrorClass.Capacity)
            await record.RunAsync(shard, seen with { ResultsReady = true }, ct);
        else
            await GiveUpAsync(shard, seen, maxAge, ct);
    }

    private async Task<ProviderSnapshot?> LookAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        try
        {
            return await provider.GetStatusAsync(FlowContext.Ref(shard), ct);
        }
        catch (ProviderException error)
        {
            flow.Errors.Report(error, Component, shard.BatchId);
            return null;
        }
    }

    private async Task CancelAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        try
        {
            await provider.CancelAsync(FlowContext.Ref(shard), ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            flow.Errors.Report(error, Component, shard.BatchId);
        }
    }

    private async Task GiveUpAsync(ProviderBatch shard, ProviderSnapshot? seen, TimeSpan maxAge, CancellationToken ct)
    {
        var now = flow.Now;
        var reason = $"Given up: the provider had not finished {maxAge.TotalHours:0.#} hours after it was submitted.";
        var moved = await flow.Shards.TryMoveAsync(
            shard,
            ProviderBatchEvent.GiveUp,
            set =>
            {
                if (seen is not null)
                    RecordSnapshot.Describe(set, seen);
                set.SetProperty(p => p.EndedAt, now);
                set.SetProperty(p => p.NextPollAt, now);
                set.SetProperty(p => p.FailureError, FailureCodes.GivenUp);
                set.SetProperty(p => p.FailureReason, reason);
            },
            ct);
        if (!moved)
            throw new LeaseLostException($"provider batch {shard.Id}");
        flow.Probe.Reached(FlowPoint.GaveUp);
    }

    // Results that exist are paid for. Passing trouble gets the maximum age once more before they are let go.
    private async Task ReadOrCloseAsync(long shardId, TimeSpan maxAge, CancellationToken ct)
    {
        try
        {
            await ingest.RunAsync(shardId, ct);
        }
        catch (ProviderException error)
        {
            var shard = (await flow.Shards.FindAsync(shardId, ct))!;
            if ((error.Class.IsPassing || error.Class == ProviderErrorClass.Unauthorized) && flow.Now - shard.SubmittedAt < 2 * maxAge)
            {
                await reschedule.AfterErrorAsync(shardId, error, ct);
                return;
            }

            flow.Errors.Report(error, Component, shard.BatchId);
            await ingest.CloseUnreadAsync(shard, $"Given up: the results could not be read. {error.Message}", ct);
        }
    }
}
