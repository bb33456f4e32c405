using System.Text;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.PostgreSql.Tests.Support;

/// <summary>Rows as a test needs them.</summary>
internal static class Make
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    public static byte[] Body(string text) => Encoding.UTF8.GetBytes(text);

    public static async Task<BatchRow> BatchAsync(IOffpeakStore store, BatchRow? settings = null) =>
        (await store.TryCreateBatchAsync(
            (settings ?? new BatchRow()) with { Name = "test", Provider = "sim", Model = "model", Endpoint = BatchEndpoint.Responses, MaxRounds = 3 },
            default))!;

    public static async Task<BatchRow> RunningAsync(IOffpeakStore store, int entries, BatchRow? settings = null)
    {
        var batch = await BatchAsync(store, settings);
        await store.AddEntriesAsync(batch.Id, [.. Enumerable.Range(0, entries).Select(i => new NewEntryRow($"row-{i}", "model", Body($"request {i}")))], default);
        return (await store.TryChangeBatchAsync(
            (await store.FindBatchAsync(batch.Id, default))!, new BatchChange { Status = BatchStatus.Running, Round = 1, SubmittedAt = When.Now }, default))!;
    }

    /// <summary>A shard of the next waiting entries.</summary>
    public static async Task<ShardRow> ShardAsync(IOffpeakStore store, long batchId, int entries, int round = 1) =>
        (await TryShardAsync(store, batchId, entries, round))!;

    /// <summary>The same; null if somebody else has planned them.</summary>
    public static async Task<ShardRow?> TryShardAsync(IOffpeakStore store, long batchId, int entries, int round = 1)
    {
        var waiting = await store.ReadWaitingAsync(batchId, 0, entries, default);
        if (waiting.Count == 0)
            return null;

        var planned = await store.TryPlanShardAsync((await store.FindBatchAsync(batchId, default))!, NewShard(waiting, round, enqueuedTokens: 10), default);
        return planned?.Shard;
    }

    /// <summary>A shard of entries that wait.</summary>
    public static NewShardRow NewShard(IReadOnlyList<WaitingEntryRow> waiting, int round, long enqueuedTokens) => new()
    {
        Round = round,
        Provider = "sim",
        Model = "model",
        Endpoint = BatchEndpoint.Responses,
        IsFallback = false,
        SubmissionKey = SubmissionKey.New(),
        FirstEntryId = waiting[0].Id,
        LastEntryId = waiting[^1].Id,
        EntryCount = waiting.Count,
        BodyBytes = waiting.Sum(entry => (long)entry.RequestBytes),
        EnqueuedTokens = enqueuedTokens,
    };

    /// <summary>Hands a shard over, and takes its lease if a token is given.</summary>
    public static async Task<ShardRow> AcceptedAsync(IOffpeakStore store, ShardRow shard, string? token = null)
    {
        var begun = await store.TryBeginSubmitAsync(
            shard, new ShardChange { Status = ShardStatus.Submitting, Lease = new LeaseChange("submit", Lease) }, new SubmitLimits(ReservedCost: 0m), default);
        return (await store.TryChangeShardAsync(
            begun.Shard!,
            new ShardChange
            {
                Status = ShardStatus.Submitted,
                ProviderBatchId = "b-1",
                AcceptedAt = When.Now,
                NextPollAt = When.Now,
                HeldBy = "submit",
                Lease = token is null ? LeaseChange.Release : new LeaseChange(token, Lease),
            },
            new EntryChange(EntryStatus.Pending, EntryStatus.Submitted, CountsAttempt: true),
            default))!;
    }

    public static ResultRow Result(long entryId, EntryStatus status = EntryStatus.Succeeded, decimal? cost = null, string body = "answer") => new(
        entryId,
        status,
        new ProviderResult { Kind = ProviderResultKind.Succeeded, Body = Body(body), Usage = new TokenUsage(100, 10, 20), FinishReason = "stop", Model = "model-1" },
        cost);
}
