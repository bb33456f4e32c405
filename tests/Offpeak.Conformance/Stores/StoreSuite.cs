using System.Text;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>What every store suite starts from: two openings of one database, a clock, and rows in the states that the questions are about.</summary>
public abstract class StoreSuite<TSubject> : IAsyncLifetime
    where TSubject : StoreSubject, new()
{
    protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    protected TSubject Subject { get; } = new();

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    protected IOffpeakStore Store { get; private set; } = null!;

    /// <summary>The same database, opened by another worker.</summary>
    protected IOffpeakStore Other { get; private set; } = null!;

    protected DateTimeOffset Now => Clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        await Subject.StartAsync();
        Store = Subject.Open(Clock);
        Other = Subject.Open(Clock);
        await Store.MigrateAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await Subject.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static BatchRow NewBatch() => new() { Name = "n", Provider = "openai", Model = "m", Endpoint = BatchEndpoint.Responses, MaxRounds = 3 };

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    protected static NewEntryRow Entry(string id, string body = "{}") => new(id, "m", Bytes(body));

    /// <summary>A batch that is building, with entries e1, e2…</summary>
    protected async Task<BatchRow> BuildAsync(int entries, BatchRow? description = null, Func<string, NewEntryRow>? entry = null)
    {
        var batch = (await Store.TryCreateBatchAsync(description ?? NewBatch(), default))!;
        if (entries > 0)
            await Store.AddEntriesAsync(batch.Id, [.. Enumerable.Range(1, entries).Select(i => (entry ?? (id => Entry(id)))($"e{i}"))], default);

        return await FindAsync(batch);
    }

    /// <summary>A running batch in round 1 with all entries in one shard that waits to be sent.</summary>
    protected async Task<(BatchRow Batch, ShardRow Shard)> PlannedAsync(int entries, BatchRow? description = null, Func<string, NewEntryRow>? entry = null)
    {
        var (batch, shard) = await PlanAsync(await BuildAsync(entries, description, entry), round: 1);
        return (await ChangeAsync(batch, new BatchChange { Status = BatchStatus.Running, Round = 1, SubmittedAt = When.Now }), shard);
    }

    /// <summary>A running batch with a shard that was accepted, leased by nobody.</summary>
    protected async Task<(BatchRow Batch, ShardRow Shard)> AcceptedAsync(int entries, BatchRow? description = null, Func<string, NewEntryRow>? entry = null)
    {
        var (batch, shard) = await PlannedAsync(entries, description, entry);
        return (batch, await AcceptAsync(shard));
    }

    protected async Task<ShardRow> AcceptAsync(ShardRow shard)
    {
        var begun = await Store.TryBeginSubmitAsync(shard, Begin("w1"), new SubmitLimits(ReservedCost: 0m), default);
        var accepted = new ShardChange
        {
            Status = ShardStatus.Submitted,
            ProviderBatchId = $"p{shard.Id}",
            AcceptedAt = When.Now,
            NextPollAt = When.In(TimeSpan.FromMinutes(1)),
            Lease = LeaseChange.Release,
        };
        return (await Store.TryChangeShardAsync(
            begun.Shard!, accepted, new EntryChange(EntryStatus.Pending, EntryStatus.Submitted, CountsAttempt: true), default))!;
    }

    protected static ShardChange Begin(string token) => new() { Status = ShardStatus.Submitting, SubmitAttempts = 1, Lease = new LeaseChange(token, Lease) };

    /// <summary>Plans every waiting entry into one shard.</summary>
    protected async Task<(BatchRow Batch, ShardRow Shard)> PlanAsync(BatchRow batch, int round, bool isFallback = false)
    {
        var waiting = await Store.ReadWaitingAsync(batch.Id, 0, 1000, default);
        var planned = (await Store.TryPlanShardAsync(batch, Plan(waiting, round, isFallback), default))!;
        return (planned.Batch, planned.Shard);
    }

    protected static NewShardRow Plan(IReadOnlyList<WaitingEntryRow> waiting, int round, bool isFallback = false) => new()
    {
        Round = round,
        Provider = "openai",
        Model = waiting[0].Model,
        Endpoint = BatchEndpoint.Responses,
        IsFallback = isFallback,
        SubmissionKey = SubmissionKey.New(),
        FirstEntryId = waiting[0].Id,
        LastEntryId = waiting[^1].Id,
        EntryCount = waiting.Count,
        BodyBytes = waiting.Sum(entry => (long)entry.RequestBytes),
        EnqueuedTokens = 100,
    };

    protected async Task<ShardRow> HeldAsync(ShardRow shard, string token = "w1") =>
        (await Store.TryChangeShardAsync(shard, new ShardChange { Lease = new LeaseChange(token, Lease) }, null, default))!;

    protected static ResultRow Answer(long entryId, EntryStatus status = EntryStatus.Succeeded, decimal? cost = null, EntryContinuation? next = null) => new(
        entryId,
        status,
        new ProviderResult { Kind = ProviderResultKind.Succeeded, StatusCode = 200, FinishReason = "stop", Body = Bytes("{\"a\":1}"), Usage = new TokenUsage(10, 2, 3) },
        cost,
        next);

    protected async Task<IReadOnlyList<EntryRow>> EntriesAsync(long batchId) =>
        [.. (await Store.ReadResultsAsync(batchId, 0, long.MaxValue, default)).Select(row => row.Entry)];

    protected async Task<BatchRow> FindAsync(BatchRow batch) => (await Store.FindBatchAsync(batch.Id, default))!;

    protected async Task<ShardRow> FindAsync(ShardRow shard) => (await Store.FindShardAsync(shard.Id, default))!;

    protected async Task<BatchRow> ChangeAsync(BatchRow batch, BatchChange change) => (await Store.TryChangeBatchAsync(batch, change, default))!;

    protected async Task<ShardRow> ChangeAsync(ShardRow shard, ShardChange change, EntryChange? entries = null) =>
        (await Store.TryChangeShardAsync(shard, change, entries, default))!;

    /// <summary>The counts on the batch, which must be what a scan of its entries finds.</summary>
    protected async Task<(int Succeeded, int Failed, int Canceled, int Expired)> CountsAsync(BatchRow batch)
    {
        var row = await FindAsync(batch);
        var scan = await Store.CountEntriesAsync(batch.Id, default);
        Assert.Equal((scan.Total, scan.Succeeded, scan.Failed, scan.Canceled, scan.Expired), (row.EntryCount, row.SucceededCount, row.FailedCount, row.CanceledCount, row.ExpiredCount));
        return (row.SucceededCount, row.FailedCount, row.CanceledCount, row.ExpiredCount);
    }
}
