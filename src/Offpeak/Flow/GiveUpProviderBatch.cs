using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak.Flow;

/// <summary>
/// Gives up a provider batch that is older than its provider allows, but not before a last look: status, a best-effort cancel, and whatever
/// results there are. A provider that cannot be asked or read just then is asked again at the next sweeps, up to twice that age: an outage
/// on the last day must not cost answers that are paid for.
/// </summary>
internal sealed class GiveUpProviderBatch(
    FlowContext flow, RecordSnapshot record, IngestResults ingest, AdvanceBatch advance, ReschedulePoll reschedule)
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
            await ReadOrCloseAsync(shard, maxAge, ct);
            await advance.RunAsync(shard.BatchId, ct);
            return true;
        }
        catch (ProviderException error)
        {
            await reschedule.AfterErrorAsync(shard.Id, error, ct);
            return false;
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
        var seen = await LookAsync(shard, provider, maxAge, ct);
        if (seen?.State == ProviderBatchState.Running)
        {
            await CancelAsync(shard, provider, ct);
            seen = await LookAsync(shard, provider, maxAge, ct);
        }

        // Whatever the provider says last is believed, but it is not waited for any longer.
        if (seen is not null and not { State: ProviderBatchState.Running } && seen.Failure?.Class != ProviderErrorClass.Capacity)
            await record.RunAsync(shard, seen with { ResultsReady = true }, ct);
        else
            await GiveUpAsync(shard, seen, maxAge, ct);
    }

    private async Task<ProviderSnapshot?> LookAsync(ProviderBatch shard, IBatchProvider provider, TimeSpan maxAge, CancellationToken ct)
    {
        try
        {
            return await provider.GetStatusAsync(flow.Ref(shard), ct);
        }
        catch (ProviderException error) when (!MayWait(shard, maxAge, error))
        {
            flow.Errors.Report(error, Component, shard.BatchId);
            return null;
        }
    }

    // Passing trouble, or a key that must be replaced, is no answer: it gets the maximum age once more.
    private bool MayWait(ProviderBatch shard, TimeSpan maxAge, ProviderException error) =>
        (error.Class.IsPassing || error.Class == ProviderErrorClass.Unauthorized) && flow.Now - shard.SubmittedAt < 2 * maxAge;

    private async Task CancelAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        try
        {
            await provider.CancelAsync(flow.Ref(shard), ct);
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

    private async Task ReadOrCloseAsync(ProviderBatch shard, TimeSpan maxAge, CancellationToken ct)
    {
        try
        {
            await ingest.RunAsync(shard.Id, ct);
        }
        catch (ProviderException error) when (!MayWait(shard, maxAge, error))
        {
            flow.Errors.Report(error, Component, shard.BatchId);
            var unread = (await flow.Shards.FindAsync(shard.Id, ct))!;
            await ingest.CloseUnreadAsync(unread, $"Given up: the results could not be read. {error.Message}", ct);
        }
    }
}
