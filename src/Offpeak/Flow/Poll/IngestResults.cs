using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow.Submit;
using Offpeak.Kit.Json;
using Offpeak.Models;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Reads a terminal shard's results as a stream and applies them in chunks, then closes the shard. A stream may be read any number of times;
/// an entry takes the first result that reaches it.
/// </summary>
internal sealed partial class IngestResults(
    FlowContext flow, ApplyResults apply, ReviewAnswers review, Doubles doubles, CleanUpShard cleanUp, ModelTable models, ILogger<IngestResults> logger)
{
    private const decimal MostForOneEntry = 1_000_000;

    private const long MostTokensOfOneEntry = 1_000_000_000;

    private const int MostText = 2_000;

    // Digits of a dollar: sums of them stay within what every database and decimal hold.
    private const int CostDigits = 12;

    /// <summary>Reads the results to their end and closes the shard.</summary>
    /// <param name="component">Who reads, for reports.</param>
    /// <param name="shard">The shard, terminal, as it was read under the lease.</param>
    /// <param name="lease">The lease it is read under.</param>
    /// <param name="ct">Cancels.</param>
    public async Task RunAsync(string component, ShardRow shard, Lease lease, CancellationToken ct)
    {
        var batch = await flow.GetBatchAsync(shard.BatchId, ct);
        var intake = new ResultIntake(shard, RoundPolicy.RoundsLeft(batch, shard));
        await ReadAsync(batch, shard, intake, lease, ct);
        flow.Probe.Reached(FlowPoint.ResultsRead);
        await ThrowIfCutShortAsync(shard, intake, ct);
        var doubt = await LookAgainAsync(component, shard, ct);
        var closed = await CloseAsync(shard, intake, lease, WhyMissing(shard), doubt, ct);
        await cleanUp.RunAsync(component, closed, ct);
    }

    /// <summary>Applies what a running shard has ready. What is still missing, and every count, is left to the reading at its end.</summary>
    public async Task ReadAvailableAsync(BatchRow batch, ShardRow shard, Lease lease, CancellationToken ct)
    {
        await ReadAsync(batch, shard, new ResultIntake(shard, RoundPolicy.RoundsLeft(batch, shard)), lease, ct);
        flow.Probe.Reached(FlowPoint.PartialResultsRead);
    }

    /// <summary>
    /// Closes a shard whose results can no longer be read: entries without a result get the status their end implies. None is asked again by
    /// itself, because the provider may have answered, and been paid for, all of them.
    /// </summary>
    public async Task CloseUnreadAsync(string component, ShardRow shard, Lease lease, string reason, CancellationToken ct)
    {
        var doubt = await doubles.LookLastAsync(component, shard, ct);
        await CloseAsync(shard, new ResultIntake(shard, roundsLeft: false), lease, (FailureCodes.GivenUp, reason), doubt, ct);
    }

    private async Task ReadAsync(BatchRow batch, ShardRow shard, ResultIntake intake, Lease lease, CancellationToken ct)
    {
        var provider = flow.Providers.Get(shard.Provider);
        using var slot = await flow.Slots.EnterAsync(provider.Capabilities.AnswersOneByOne ? SlotKind.Local : SlotKind.Ingest, shard.Provider, ct);
        await using var results = provider.ReadResultsAsync(flow.Ref(shard, lease), ct).GetAsyncEnumerator(ct);
        try
        {
            while (await MoveNextAsync())
            {
                intake.Take(Believable(results.Current), result => CostOf(shard, result, provider.Capabilities.PriceFactor));
                if (intake.IsChunkFull(flow.Options.IngestChunkSize))
                    await FlushAsync(ct);
            }
        }
        catch (Exception) when (intake.ChunkCount > 0)
        {
            // What has arrived is paid for: it is kept, whatever became of the rest, also while the process is stopping.
            await FlushAsync(CancellationToken.None);
            throw;
        }

        await FlushAsync(ct);

        // While the next answer is being made, those that are there become durable.
        async ValueTask<bool> MoveNextAsync()
        {
            var next = results.MoveNextAsync();
            if (next.IsCompleted || !provider.Capabilities.AnswersOneByOne)
                return await next;

            var waiting = next.AsTask();
            await FlushAsync(ct);
            return await waiting;
        }

        async Task FlushAsync(CancellationToken token)
        {
            if (intake.ChunkCount == 0)
                return;

            var chunk = intake.TakeChunk();
            await review.RunAsync(batch, provider.Codec, chunk, token);
            await apply.RunAsync(shard, lease, chunk, intake, token);
            // A check that took too long may still be reading.
            if (!batch.ValidatesAnswers)
                chunk.ForEach(row => LargeBodies.Return(row.Result.Body));
        }
    }

    // Behind a torn line there may be answers that are paid for. They are worth another reading, but not for ever.
    private async Task ThrowIfCutShortAsync(ShardRow shard, ResultIntake intake, CancellationToken ct)
    {
        if (intake.IsTorn && await IsFreshAsync(shard, ct))
            throw new ProviderException(ProviderErrorClass.Transient, "The results ended in the middle of a line; they are read again.");
    }

    // A provider that cannot be asked for doubles just now is asked again for a while; then the doubt is said.
    private async Task<string?> LookAgainAsync(string component, ShardRow shard, CancellationToken ct)
    {
        try
        {
            return await doubles.LookAgainAsync(component, shard, ct);
        }
        catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
        {
            if (await IsFreshAsync(shard, ct))
                throw;

            return await doubles.LookLastAsync(component, shard, ct);
        }
    }

    private async Task<bool> IsFreshAsync(ShardRow shard, CancellationToken ct) =>
        await flow.NowAsync(ct) - shard.EndedAt < flow.Options.NotFoundWindow;

    // A cost that nobody can have paid is none: added up, it would spoil the batch's own.
    private decimal? CostOf(ShardRow shard, ProviderResult result, decimal priceFactor)
    {
        if (result.ReportedCost is { } reported and >= 0 and <= MostForOneEntry)
            return Math.Round(reported, CostDigits);

        var cost = result.Usage is { } usage
            ? models.Cost(shard.Provider, result.Model ?? shard.Model, usage, priceFactor) ?? models.Cost(shard.Provider, shard.Model, usage, priceFactor)
            : null;
        return cost <= MostForOneEntry ? Math.Round(cost.Value, CostDigits) : null;
    }

    // So is a usage that nobody can have had; and what is said beside an answer is kept as long as a person reads it.
    private static ProviderResult Believable(ProviderResult result) => result with
    {
        Usage = result.Usage is { } usage
            && new[] { usage.InputTokens, usage.CachedInputTokens, usage.OutputTokens, usage.ReasoningTokens, usage.CacheWriteTokens }
                .Any(tokens => tokens is < 0 or > MostTokensOfOneEntry)
                ? null
                : result.Usage,
        ErrorCode = Cut(result.ErrorCode),
        ErrorMessage = Cut(result.ErrorMessage),
        FinishReason = Cut(result.FinishReason),
        Model = Cut(result.Model),
    };

    private static string? Cut(string? text) =>
        text?.Length > MostText ? text[..(char.IsHighSurrogate(text[MostText - 1]) ? MostText - 1 : MostText)] : text;

    private async Task<ShardRow> CloseAsync(
        ShardRow shard, ResultIntake intake, Lease lease, (string Code, string Message) whyMissing, string? doubt, CancellationToken ct)
    {
        var change = new ShardChange
        {
            ResultsFetchedAt = When.Now,
            NextPollAt = When.Never,
            NextCleanUpAt = When.Now,
            MalformedCount = intake.Malformed,
            UnknownCount = intake.Unknown,
            DuplicateCount = intake.Duplicates,
            ConflictCount = intake.Conflicts,
            Trouble = (Trouble?)null,
            Doubt = doubt,
            HeldBy = lease.Token,
            Lease = LeaseChange.Release,
        };
        var missing = EntryChange.Settle(
            EntryStatus.Submitted, RoundPolicy.WhenMissing(shard.Status, intake.RoundsLeft), whyMissing.Code, whyMissing.Message);
        var closed = await flow.MustAsync(shard, change, ct, missing);
        LogRead(logger, shard.BatchId, shard.Id, intake.Accepted, intake.Malformed, intake.Unknown, intake.Duplicates, intake.Conflicts);
        flow.Probe.Reached(FlowPoint.ResultsRecorded);
        return closed;
    }

    private static (string Code, string Message) WhyMissing(ShardRow shard) => shard.Status switch
    {
        ShardStatus.Canceled => (FailureCodes.Canceled, "Not run before the batch was cancelled."),
        ShardStatus.Expired when shard.FailureCode == FailureCodes.GivenUp => (FailureCodes.GivenUp, shard.FailureReason!),
        ShardStatus.Expired => (FailureCodes.Expired, "Not run before the provider's window passed."),
        ShardStatus.Failed => (shard.FailureCode ?? FailureCodes.BatchRefused, shard.FailureReason ?? "The provider refused the batch."),
        _ => (FailureCodes.Missing, "The provider's results do not mention this entry."),
    };

    [LoggerMessage(Level = LogLevel.Information, Message =
        "Batch {BatchId}: results of shard {ShardId} read: {Accepted} lines, {Malformed} malformed, {Unknown} unknown, {Duplicates} duplicate, {Conflicts} conflicting.")]
    private static partial void LogRead(
        ILogger logger, long batchId, long shardId, int accepted, int malformed, int unknown, int duplicates, int conflicts);
}
