using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Submit;

/// <summary>
/// Plans the shards of a round in one pass over the waiting entries, one short transaction a shard, each fenced by the batch's version: of two
/// planners one stops, also if it slept for hours. An interrupted planning is gone on with.
/// </summary>
internal sealed class ShardPlanner(FlowContext flow)
{
    private const int PageSize = 5_000;

    /// <summary>Plans waiting entries of a batch into a round.</summary>
    /// <param name="batch">The batch as it was read.</param>
    /// <param name="round">The round.</param>
    /// <param name="most">Most entries of the round, from the first; the rest waits. Null: all.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The batch as it is now; null if somebody else has changed it.</returns>
    public async Task<BatchRow?> PlanAsync(BatchRow batch, int round, int? most, CancellationToken ct)
    {
        var left = most is { } first ? first - await CountPlannedAsync(batch.Id, round, ct) : int.MaxValue;
        var open = new Dictionary<string, OpenShard>(StringComparer.Ordinal);
        for (long after = 0; left > 0;)
        {
            var page = await flow.Store.ReadWaitingAsync(batch.Id, after, Math.Min(PageSize, left), ct);
            foreach (var entry in page)
            {
                if (!open.TryGetValue(entry.Model, out var shard))
                    open[entry.Model] = shard = NewShard(batch, entry.Model);

                if (shard.TryTake(entry))
                    continue;

                if (await WriteAsync(batch, round, shard, ct) is not { } written)
                    return null;

                batch = written;
                shard.StartWith(entry);
            }

            if (page.Count < Math.Min(PageSize, left))
                break;

            left -= page.Count;
            after = page[^1].Id;
        }

        return await WriteRestAsync(batch, round, open.Values, ct);
    }

    // Of an interrupted planning, some shards may be there already.
    private async Task<int> CountPlannedAsync(long batchId, int round, CancellationToken ct) =>
        (await flow.Store.ListShardsAsync(batchId, ct)).Where(shard => shard.Round == round).Sum(shard => shard.EntryCount);

    private async Task<BatchRow?> WriteRestAsync(BatchRow batch, int round, IEnumerable<OpenShard> rest, CancellationToken ct)
    {
        foreach (var shard in rest)
        {
            if (await WriteAsync(batch, round, shard, ct) is not { } written)
                return null;

            batch = written;
        }

        return batch;
    }

    private async Task<BatchRow?> WriteAsync(BatchRow batch, int round, OpenShard shard, CancellationToken ct)
    {
        var planned = await flow.Store.TryPlanShardAsync(batch, shard.ToRow(batch, round), ct);
        flow.Probe.Reached(planned is null ? FlowPoint.LostRace : FlowPoint.ShardPlanned);
        return planned?.Batch;
    }

    private OpenShard NewShard(BatchRow batch, string model)
    {
        var provider = RoundPolicy.ProviderOf(batch);
        return new OpenShard(model, new ShardPlan(flow.Providers.Get(provider).Capabilities, flow.Options.MaxEnqueuedTokensOf(provider, model)));
    }

    /// <summary>A shard that is being filled.</summary>
    private sealed class OpenShard(string model, ShardPlan plan)
    {
        private long first;
        private long last;

        public bool TryTake(WaitingEntryRow entry)
        {
            if (!plan.TryTake(entry.RequestBytes))
                return false;

            first = first == 0 ? entry.Id : first;
            last = entry.Id;
            return true;
        }

        public void StartWith(WaitingEntryRow entry)
        {
            plan.StartNext();
            first = 0;
            TryTake(entry);
        }

        public NewShardRow ToRow(BatchRow batch, int round) => new()
        {
            Round = round,
            Provider = RoundPolicy.ProviderOf(batch),
            Model = model,
            Endpoint = batch.Endpoint,
            IsFallback = batch.FallbackSince is not null,
            SubmissionKey = SubmissionKey.New(),
            FirstEntryId = first,
            LastEntryId = last,
            EntryCount = plan.Entries,
            BodyBytes = plan.BodyBytes,
            EnqueuedTokens = plan.Tokens,
        };
    }
}
