using System.Runtime.CompilerServices;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Submit;

/// <summary>A shard as the provider sees it while it is handed over: pages of entries from the store, and a journal that is durable at once.</summary>
internal sealed class ShardSubmission : Submission
{
    private readonly FlowContext flow;
    private readonly Lease lease;

    public ShardSubmission(FlowContext flow, ShardRow row, Lease lease)
    {
        this.flow = flow;
        this.lease = lease;
        Row = row;
        Journal = row.Journal;
    }

    /// <summary>The row as the hand-over has left it.</summary>
    public ShardRow Row { get; private set; }

    /// <summary>Whether the create call may have been sent.</summary>
    public bool CreateBegun { get; private set; }

    public override async IAsyncEnumerable<SubmissionEntry> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long after = 0; await ReadPageAsync(after, cancellationToken) is { Count: > 0 } page; after = page[^1].EntryId)
        {
            foreach (var entry in page)
                yield return new SubmissionEntry(Key.WireId(entry.EntryId), entry.Body);
        }
    }

    public override async Task JournalAsync(string name, string value, CancellationToken cancellationToken)
    {
        Journal = Journal.With(name, value);
        await ChangeAsync(new ShardChange { Journal = Journal }, cancellationToken);
        flow.Probe.Reached(FlowPoint.ProviderIdJournalled);
    }

    public override async Task BeginCreateAsync(CancellationToken cancellationToken)
    {
        await ChangeAsync(
            new ShardChange
            {
                CreateBegunAt = When.Now,
                FirstCreateAt = Row.FirstCreateAt is null ? When.Now : default(Set<When>),
                RequiresStillAllowed = true,
            },
            cancellationToken);
        CreateBegun = true;
        flow.Probe.Reached(FlowPoint.CreateBegun);
    }

    private Task<IReadOnlyList<EntryBodyRow>> ReadPageAsync(long after, CancellationToken ct) =>
        flow.Store.ReadShardRequestsAsync(Row, onlyOpen: false, after, PageBytes.Most, ct);

    private async Task ChangeAsync(ShardChange change, CancellationToken ct) =>
        Row = await flow.MustAsync(Row, change with { HeldBy = lease.Token }, ct);
}
