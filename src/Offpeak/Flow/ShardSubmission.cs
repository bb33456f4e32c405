using System.Runtime.CompilerServices;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>A shard as the provider sees it while it is handed over: pages of entries from the store, a journal, and a lease kept alive.</summary>
internal sealed class ShardSubmission(FlowContext flow, ProviderBatch shard) : Submission
{
    private DateTimeOffset renewed = flow.Now;

    /// <summary>Whether the create call may have been sent.</summary>
    public bool CreateBegun { get; private set; }

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long after = 0; ;)
        {
            var page = await flow.Entries.PageRequestsAsync(shard.Id, after, cancellationToken);
            if (page.Count == 0)
                yield break;
            foreach (var request in page)
                yield return new SubmissionEntry(Key.WireId(request.EntryId), request.Body);
            after = page[^1].EntryId;
            await KeepLeaseAsync(cancellationToken);
        }
    }

    public override async Task JournalAsync(string name, string value, CancellationToken cancellationToken)
    {
        Journal = Journal.With(name, value);
        var json = ProviderStateJson.Write(Journal);
        if (!await flow.Shards.TryUpdateAsync(shard, set => set.SetProperty(p => p.ProviderState, json), cancellationToken))
            throw new LeaseLostException($"provider batch {shard.Id}");
        await RenewAsync(cancellationToken);
        flow.Probe.Reached(FlowPoint.ProviderIdJournalled);
    }

    public override async Task BeginCreateAsync(CancellationToken cancellationToken)
    {
        var now = flow.Now;
        var first = shard.FirstCreateAt ?? now;
        var durable = await flow.Shards.TryUpdateAsync(
            shard,
            set =>
            {
                set.SetProperty(p => p.CreateBegunAt, now);
                set.SetProperty(p => p.FirstCreateAt, first);
            },
            cancellationToken);
        if (!durable)
            throw new LeaseLostException($"provider batch {shard.Id}");
        await RenewAsync(cancellationToken);
        CreateBegun = true;
        flow.Probe.Reached(FlowPoint.CreateBegun);
    }

    private async Task KeepLeaseAsync(CancellationToken ct)
    {
        if (flow.Now - renewed > flow.Options.LeaseDuration / 4)
            await RenewAsync(ct);
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        await flow.Shards.RenewAsync(shard, flow.Options.LeaseDuration, ct);
        renewed = flow.Now;
    }
}
