using Microsoft.Extensions.Options;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak.Flow;

/// <summary>What every step of the flow works with.</summary>
internal sealed record FlowContext(
    IOffpeakStore Store,
    ProviderRegistry Providers,
    IOptions<OffpeakOptions> CurrentOptions,
    IErrorReporter Errors,
    TimeProvider Time,
    Jitter Jitter,
    FlowProbe Probe,
    Leases Leases,
    WorkSlots Slots,
    IWorkQueue Queue)
{
    // Our clock and the provider's may differ; looking a little further back costs nothing.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>The clock that stored moments are compared with. This process's own may be another machine's.</summary>
    public Task<DateTimeOffset> NowAsync(CancellationToken ct) => Store.GetTimeAsync(ct);

    public OffpeakOptions Options => CurrentOptions.Value;

    /// <summary>Whether a stored moment has come, by the same clock; not if there is none.</summary>
    public async Task<bool> HasComeAsync(DateTimeOffset? moment, CancellationToken ct) => moment is { } due && due <= await NowAsync(ct);

    /// <exception cref="OffpeakException">There is none, or it is being deleted: part of it may be gone.</exception>
    public Task<BatchRow> GetBatchAsync(long id, CancellationToken ct) => GetBatchAsync(id, orDeleting: false, ct);

    /// <inheritdoc cref="GetBatchAsync(long, CancellationToken)"/>
    public async Task<BatchRow> GetBatchAsync(long id, bool orDeleting, CancellationToken ct)
    {
        var batch = await Store.FindBatchAsync(id, ct) ?? throw new OffpeakException(OffpeakErrorCode.BatchNotFound, $"There is no batch {id}.");
        return orDeleting || batch.Step != BatchStep.Delete
            ? batch
            : throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Batch {id} is being deleted.");
    }

    /// <summary>Changes a shard, unless somebody has changed it since it was read. Null: the race was lost.</summary>
    public Task<ShardRow?> TryAsync(ShardRow shard, ShardChange change, CancellationToken ct) => TryAsync(shard, change, entries: null, ct);

    /// <inheritdoc cref="TryAsync(ShardRow, ShardChange, CancellationToken)"/>
    public async Task<ShardRow?> TryAsync(ShardRow shard, ShardChange change, EntryChange? entries, CancellationToken ct) =>
        Noticed(await Store.TryChangeShardAsync(shard, change, entries, ct));

    /// <inheritdoc cref="TryAsync(ShardRow, ShardChange, CancellationToken)"/>
    /// <exception cref="LeaseLostException">The race was lost.</exception>
    public async Task<ShardRow> MustAsync(ShardRow shard, ShardChange change, CancellationToken ct) =>
        await TryAsync(shard, change, ct) ?? throw new LeaseLostException($"shard {shard.Id}");

    /// <summary>Changes a batch, unless somebody has changed it since it was read. Null: the race was lost.</summary>
    public async Task<BatchRow?> TryAsync(BatchRow batch, BatchChange change, CancellationToken ct) =>
        Noticed(await Store.TryChangeBatchAsync(batch, change, ct));

    /// <summary>Changes a batch while a lease on it is held, whatever wish somebody has noted on it meanwhile. False: the lease is held no longer.</summary>
    public async Task<bool> TryHeldAsync(BatchRow batch, Lease lease, BatchChange change)
    {
        while (await TryAsync(batch, change with { HeldBy = lease.Token }, CancellationToken.None) is null)
        {
            if (await Store.FindBatchAsync(batch.Id, CancellationToken.None) is not { } now || now.LeaseOwner != lease.Token)
                return false;

            batch = now;
        }

        return true;
    }

    /// <summary>The wait before an attempt: by the schedule, and no shorter than a provider asked for.</summary>
    public TimeSpan Delay(int attempt, TimeSpan? retryAfter) => Options.PollSchedule.Delay(attempt, Jitter.Random, retryAfter);

    /// <summary>What a provider is told of a shard.</summary>
    public static ShardDescription Describe(ShardRow shard) => new()
    {
        Key = shard.SubmissionKey,
        Model = shard.Model,
        Endpoint = shard.Endpoint,
        EntryCount = shard.EntryCount,
        Journal = shard.Journal,
    };

    /// <summary>What a provider is told of a shard when it is to look for what attempts to submit it left behind.</summary>
    public static FindRequest Search(ShardRow shard) => new(Describe(shard), (shard.FirstCreateAt ?? shard.PlannedAt) - ClockSkew);

    public ProviderBatchRef Ref(ShardRow shard, Lease? lease = null) =>
        new StoredBatchRef(Store, shard, lease) { CancelRequested = shard.CancelSentAt is not null };

    /// <summary>Whether a shard was made with a key that is not the provider's present one: then what is not found proves nothing.</summary>
    public bool HasOtherKey(ShardRow shard) =>
        shard.KeyFingerprint is { } made && Providers.Find(shard.Provider)?.KeyFingerprint is { } present && made != present;

    /// <summary>
    /// The change, after which the row names the key that is in use now. What was made with the one before it, and never answered, this one
    /// cannot prove absent: that is in doubt.
    /// </summary>
    public ShardChange WithKeyInUse(ShardRow shard, ShardChange change) => change with
    {
        KeyFingerprint = Providers.Get(shard.Provider).KeyFingerprint,
        Doubt = shard.LostCreates > 0 && HasOtherKey(shard) ? Trouble.OtherKey.Message : change.Doubt,
    };

    /// <summary>What a shard waits for whose provider this process does not know: another process, or a person.</summary>
    public static ProviderException Unregistered(ShardRow shard) =>
        new(ProviderErrorClass.Unregistered, $"No provider '{shard.Provider}' is registered in the process that tried last.");

    /// <summary>Enqueues a work item whose row already says that it is due: what a queue loses, the sweeps bring back.</summary>
    public async Task EnqueueAsync(WorkItem item, TimeSpan delay, string component, long? batchId)
    {
        try
        {
            await Queue.EnqueueAsync(item, delay, CancellationToken.None);
        }
        catch (Exception error)
        {
            Errors.Report(error, component, batchId);
        }
    }

    private T? Noticed<T>(T? row)
        where T : class
    {
        if (row is null)
            Probe.Reached(FlowPoint.LostRace);

        return row;
    }
}

/// <summary>What a provider that does the work itself may read of its shard.</summary>
[method: System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
internal sealed record StoredBatchRef(IOffpeakStore Store, ShardRow Shard, Lease? Lease)
    : ProviderBatchRef(FlowContext.Describe(Shard), Shard.ProviderBatchId!)
{
    public override async IAsyncEnumerable<SubmissionEntry> ReadOpenEntriesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long after = 0; await Store.ReadShardRequestsAsync(Shard, onlyOpen: true, after, PageBytes.Most, cancellationToken) is { Count: > 0 } page; after = page[^1].EntryId)
        {
            foreach (var entry in page)
                yield return new SubmissionEntry(Key.WireId(entry.EntryId), entry.Body);
        }
    }

    // Each call costs money.
    public override async Task<bool> MayCallAsync(CancellationToken cancellationToken)
    {
        Lease?.ThrowIfLost();
        return await Store.FindBatchAsync(Shard.BatchId, cancellationToken) is { CancelRequestedAt: null };
    }
}

/// <summary>The one source of randomness of the flow, so that a test can take it away.</summary>
internal sealed record Jitter(Random Random);
