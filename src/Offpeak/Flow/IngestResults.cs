using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Reads a terminal provider batch's results as a stream and applies them in chunks, each in one short transaction that is fenced by the
/// lease. A stream may be read any number of times; an entry takes the first result that reaches it.
/// </summary>
internal sealed partial class IngestResults(
    FlowContext flow, IDbContextFactory<OffpeakDbContext> contexts, IBulkWriter bulk, ReviewAnswers review, ModelTable models, ILogger<IngestResults> logger)
{
    private const int MaxChunkBytes = 8_000_000;

    public async Task RunAsync(long shardId, CancellationToken ct)
    {
        // Read again: the moves before have changed it.
        var shard = await flow.Shards.FindAsync(shardId, ct);
        if (shard is not { ResultsFetchedAt: null })
            return;
        ThrowUnlessHeld(shard);
        var batch = await flow.BatchOfAsync(shard, ct);
        var provider = flow.Providers.Get(shard.Provider);
        var intake = new ResultIntake(shard, RoundPolicy.RoundsLeft(batch, shard));
        await ReadAsync(batch, shard, provider, intake, ct);
        flow.Probe.Reached(FlowPoint.ResultsRead);
        ThrowIfCutShort(shard, intake);
        await CloseAsync(shard, intake, intake.RoundsLeft, WhyMissing(shard), ct);
        await CleanUpAsync(shard, provider, ct);
    }

    /// <summary>Applies what a running provider batch has ready. What is still missing, and every count, is left to the reading at its end.</summary>
    public async Task ReadAvailableAsync(Batch batch, ProviderBatch shard, CancellationToken ct)
    {
        var intake = new ResultIntake(shard, RoundPolicy.RoundsLeft(batch, shard));
        await ReadAsync(batch, shard, flow.Providers.Get(shard.Provider), intake, ct);
        await flow.Batches.RollUpAsync(batch, await flow.Entries.TotalAsync(batch.Id, ct), ct);
        flow.Probe.Reached(FlowPoint.PartialResultsRead);
    }

    private async Task ReadAsync(Batch batch, ProviderBatch shard, IBatchProvider provider, ResultIntake intake, CancellationToken ct)
    {
        var oneByOne = provider.Capabilities.AnswersOneByOne;
        await using var results = provider.ReadResultsAsync(flow.Ref(shard), ct).GetAsyncEnumerator(ct);
        while (await (oneByOne ? MoveSlowlyAsync() : results.MoveNextAsync()))
        {
            Take(shard, provider, intake, results.Current);
            if (intake.Chunk.Count >= flow.Options.IngestChunkSize || intake.ChunkBytes >= MaxChunkBytes)
                await ApplyAsync(batch, shard, provider, intake, ct);
        }

        await ApplyAsync(batch, shard, provider, intake, ct);

        // While the next answer is being made, those that are there become durable, and the lease is kept.
        async ValueTask<bool> MoveSlowlyAsync()
        {
            var next = results.MoveNextAsync().AsTask();
            if (!next.IsCompleted)
                await ApplyAsync(batch, shard, provider, intake, ct);
            return await KeepLeaseAsync(shard, next, ct);
        }
    }

    private void Take(ProviderBatch shard, IBatchProvider provider, ResultIntake intake, ProviderResult result)
    {
        if (!intake.Accept(result, out var entryId, out var status))
            return;
        intake.Chunk.Add(new ResultRow(entryId, status, result, CostOf(shard, result, provider.Capabilities.PriceFactor)));
        intake.ChunkBytes += result.Body.Length;
    }

    private async Task<bool> KeepLeaseAsync(ProviderBatch shard, Task<bool> next, CancellationToken ct)
    {
        while (!next.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(next, Task.Delay(flow.Options.LeaseDuration / 3, flow.Time, stop.Token));
            await stop.CancelAsync();
            if (!next.IsCompleted)
                await flow.Shards.RenewAsync(shard, flow.Options.LeaseDuration, ct);
        }

        return await next;
    }

    /// <summary>
    /// Ends a provider batch whose results can no longer be read: entries without a result get the status their end implies. None is asked
    /// again by itself, because the provider may have answered, and been paid for, all of them.
    /// </summary>
    public async Task CloseUnreadAsync(ProviderBatch shard, string reason, CancellationToken ct)
    {
        ThrowUnlessHeld(shard);
        await CloseAsync(shard, new ResultIntake(shard, roundsLeft: false), roundsLeft: false, (FailureCodes.GivenUp, reason), ct);
    }

    // A row read again carries the version of whoever has taken the lease over since; writing under it would not be fenced.
    private void ThrowUnlessHeld(ProviderBatch shard)
    {
        if (!flow.Shards.Holds(shard))
            throw new LeaseLostException($"provider batch {shard.Id}");
    }

    // Behind a torn line there may be answers that are paid for. They are worth another reading, but not for ever.
    private void ThrowIfCutShort(ProviderBatch shard, ResultIntake intake)
    {
        if (intake.IsTorn && flow.Now - shard.EndedAt < flow.Options.NotFoundWindow)
            throw new ProviderException(ProviderErrorClass.Transient, "The results ended in the middle of a line; they are read again.");
    }

    private decimal? CostOf(ProviderBatch shard, ProviderResult result, decimal priceFactor) =>
        result.ReportedCost ?? (result.Usage is { } usage ? models.Cost(shard.Provider, result.Model ?? shard.Model, usage, priceFactor)
            ?? models.Cost(shard.Provider, shard.Model, usage, priceFactor) : null);

    private async Task ApplyAsync(Batch batch, ProviderBatch shard, IBatchProvider provider, ResultIntake intake, CancellationToken ct)
    {
        if (intake.Chunk.Count == 0)
            return;
        if (batch.CancelRequestedAt is null)
            await review.RunAsync(batch, provider.Codec, intake.Chunk, ct);
        await using (var db = await contexts.CreateDbContextAsync(ct))
        await using (var transaction = await db.Database.BeginTransactionAsync(ct))
        {
            await flow.Shards.RenewAsync(db, shard, flow.Options.LeaseDuration, ct);
            var applied = await bulk.ApplyResultsAsync(db, shard.Id, intake.Chunk, ct);
            if (applied < intake.Chunk.Count)
                intake.CountUnknown(intake.Chunk.Count - await db.CountOfBatchAsync(shard.BatchId, [.. intake.Chunk.Select(row => row.EntryId)], ct));
            await transaction.CommitAsync(ct);
            OffpeakTelemetry.EntriesApplied.Add(applied);
            if (applied < intake.Chunk.Count)
                flow.Probe.Reached(FlowPoint.ResultAlreadyApplied);
        }

        intake.ClearChunk();
        flow.Probe.Reached(FlowPoint.ChunkApplied);
    }

    private async Task CloseAsync(
        ProviderBatch shard, ResultIntake intake, bool roundsLeft, (string Code, string Message) whyMissing, CancellationToken ct)
    {
        var now = flow.Now;
        var missing = RoundPolicy.WhenMissing(shard.Status, roundsLeft);
        var closed = await flow.Shards.TryUpdateAsync(
            shard,
            set =>
            {
                set.SetProperty(p => p.ResultsFetchedAt, now);
                set.SetProperty(p => p.NextPollAt, (DateTimeOffset?)null);
                set.SetProperty(p => p.MalformedCount, intake.Malformed);
                set.SetProperty(p => p.UnknownCount, intake.Unknown);
                set.SetProperty(p => p.DuplicateCount, intake.Duplicates);
                set.SetProperty(p => p.ConflictCount, intake.Conflicts);
                set.SetProperty(p => p.LastError, (string?)null);
                ShardStore.ReleaseLease(set);
            },
            ct,
            also: db => db.SettleShardAsync(shard.Id, EntryStatus.Submitted, missing, whyMissing.Code, whyMissing.Message, ct));
        if (!closed)
            throw new LeaseLostException($"provider batch {shard.Id}");
        LogRead(logger, shard.BatchId, shard.Id, intake.Accepted, intake.Malformed, intake.Unknown, intake.Duplicates, intake.Conflicts);
        flow.Probe.Reached(FlowPoint.ResultsRecorded);
    }

    private static (string Code, string Message) WhyMissing(ProviderBatch shard) => shard.Status switch
    {
        ProviderBatchStatus.Canceled => (FailureCodes.Canceled, "Not run before the batch was cancelled."),
        ProviderBatchStatus.Expired when shard.FailureError == FailureCodes.GivenUp => (FailureCodes.GivenUp, shard.FailureReason!),
        ProviderBatchStatus.Expired => (FailureCodes.Expired, "Not run before the provider's window passed."),
        ProviderBatchStatus.Failed => (shard.FailureError ?? FailureCodes.BatchRefused, shard.FailureReason ?? "The provider refused the batch."),
        _ => (FailureCodes.Missing, "The provider's results do not mention this entry."),
    };

    private async Task CleanUpAsync(ProviderBatch shard, IBatchProvider provider, CancellationToken ct)
    {
        if (!flow.Options.CleanUpProviderFiles)
            return;
        try
        {
            await provider.CleanUpAsync(flow.Ref(shard), ct);
            var now = flow.Now;
            await flow.Shards.TryUpdateAsync(shard, set => set.SetProperty(p => p.CleanedUpAt, now), ct);
        }
        catch (ProviderException error)
        {
            LogFilesLeft(logger, shard.BatchId, error.Class);
        }

        flow.Probe.Reached(FlowPoint.FilesCleanedUp);
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "Batch {BatchId}: results of provider batch {Row} read: {Accepted} lines, {Malformed} malformed, {Unknown} unknown, {Duplicates} duplicate, {Conflicts} conflicting.")]
    private static partial void LogRead(
        ILogger logger, long batchId, long row, int accepted, int malformed, int unknown, int duplicates, int conflicts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch {BatchId}: the provider's files could not be deleted ({Class}); they stay until the provider removes them.")]
    private static partial void LogFilesLeft(ILogger logger, long batchId, ProviderErrorClass @class);
}
