using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Flow.Submit;
using Offpeak.Kit.Http;
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
        var longest = flow.Options.LongestReadingOf(shard.Provider, flow.Providers);
        if (!await ReadAsync(batch, shard, intake, lease, longest, ct))
        {
            await CloseUnreadAsync(component, shard, lease, $"Given up: the results had not ended after {longest.TotalHours:0.#} hours of reading.", ct);
            return;
        }

        flow.Probe.Reached(FlowPoint.ResultsRead);
        await ThrowIfCutShortAsync(shard, intake, ct);
        var doubt = await LookAgainAsync(component, shard, ct);
        var missing = RoundPolicy.WhenMissing(shard.Status, intake.RoundsLeft || RoundPolicy.IsUnsent(batch, shard));
        var closed = await CloseAsync(shard, intake, lease, missing, WhyMissing(shard), doubt, ct);
        await cleanUp.RunAsync(component, closed, ct);
    }

    /// <summary>
    /// Applies what a shard has ready before it is closed. What is still missing, and every count, is left to the reading at its end. While it
    /// runs, that ends at the age at which it may be given up, so as not to be in the way of that.
    /// </summary>
    public async Task ReadAvailableAsync(BatchRow batch, ShardRow shard, bool runs, Lease lease, CancellationToken ct)
    {
        var longest = flow.Options.LongestReadingOf(shard.Provider, flow.Providers);
        if (runs && shard.AcceptedAt is { } accepted && flow.Options.MaxAgeOf(shard.Provider, flow.Providers) is { } maxAge)
        {
            var left = accepted + maxAge - await flow.NowAsync(ct);
            longest = left < longest ? left : longest;
        }

        if (longest > TimeSpan.Zero)
            await ReadAsync(batch, shard, new ResultIntake(shard, RoundPolicy.RoundsLeft(batch, shard)), lease, longest, ct);

        flow.Probe.Reached(FlowPoint.PartialResultsRead);
    }

    /// <summary>
    /// Closes a shard whose results can no longer be read: entries without a result get the status their end implies. None is asked again by
    /// itself, because the provider may have answered, and been paid for, all of them.
    /// </summary>
    public async Task CloseUnreadAsync(string component, ShardRow shard, Lease lease, string reason, CancellationToken ct)
    {
        var doubt = await doubles.LookLastAsync(component, shard, ct);
        var missing = RoundPolicy.WhenMissing(shard.Status, roundsLeft: false);
        await CloseAsync(shard, new ResultIntake(shard, roundsLeft: false), lease, missing, (FailureCodes.GivenUp, reason), doubt, ct);
    }

    /// <returns>Whether the results came to their end in time.</returns>
    private async Task<bool> ReadAsync(BatchRow batch, ShardRow shard, ResultIntake intake, Lease lease, TimeSpan longest, CancellationToken ct)
    {
        var provider = flow.Providers.Get(shard.Provider);
        var oneByOne = provider.Capabilities.AnswersOneByOne;
        using var slot = await flow.Slots.EnterAsync(oneByOne ? SlotKind.Local : SlotKind.Ingest, shard.Provider, ct);
        using var limit = new IdleLimit(longest, flow.Time, Report, ct);
        await using var reading = new ResultReading(token => provider.ReadResultsAsync(flow.Ref(shard, lease), token), flow.Time, Report, limit.Token);
        // While the next answer is being made, those that are there become durable.
        Func<Task> meanwhile = oneByOne ? () => FlushAsync(ct) : () => Task.CompletedTask;
        try
        {
            while (await reading.MoveNextAsync(meanwhile))
            {
                Take(intake, shard, provider, reading.Current);
                if (intake.IsChunkFull(flow.Options.IngestChunkSize))
                    await FlushAsync(ct);
            }

            await FlushAsync(ct);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsPassed && !ct.IsCancellationRequested)
        {
            await KeepAsync(intake, shard, provider, reading, FlushAsync);
            return false;
        }
        catch (Exception)
        {
            await KeepAsync(intake, shard, provider, reading, FlushAsync);
            throw;
        }

        void Report(Exception error) => flow.Errors.Report(error, ApplyResults.Component, shard.BatchId);

        Task FlushAsync(CancellationToken token) => WriteAsync(batch, shard, provider, intake, lease, token);
    }

    // What has arrived is paid for: it is kept, whatever became of the rest, also while the process is stopping. Whoever answers one by one has no
    // other copy of it.
    private async Task KeepAsync(
        ResultIntake intake, ShardRow shard, IBatchProvider provider, ResultReading reading, Func<CancellationToken, Task> flush)
    {
        if (provider.Capabilities.AnswersOneByOne)
        {
            await foreach (var late in reading.StopAsync())
                Take(intake, shard, provider, late);
        }

        await flush(CancellationToken.None);
    }

    private void Take(ResultIntake intake, ShardRow shard, IBatchProvider provider, ProviderResult result) =>
        intake.Take(Believable(result), believed => CostOf(shard, believed, provider.Capabilities.PriceFactor));

    private async Task WriteAsync(BatchRow batch, ShardRow shard, IBatchProvider provider, ResultIntake intake, Lease lease, CancellationToken ct)
    {
        if (intake.ChunkCount == 0)
            return;

        var chunk = intake.TakeChunk();
        try
        {
            await review.RunAsync(batch, provider.Codec, chunk, ct);
            await apply.RunAsync(shard, lease, chunk, intake, ct);
            // A check that took too long may still be reading.
            if (!batch.ValidatesAnswers)
                chunk.ForEach(row => LargeBodies.Return(row.Result.Body));
        }
        catch (Exception) when (provider.Capabilities.AnswersOneByOne)
        {
            intake.PutBack(chunk);
            throw;
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
    private static ProviderResult Believable(ProviderResult result)
    {
        if (result.Usage is { } usage && !IsPossible(usage))
            result = result with { Usage = null };

        return IsLong(result.ErrorCode) || IsLong(result.ErrorMessage) || IsLong(result.FinishReason) || IsLong(result.Model)
            ? result with
            {
                ErrorCode = Cut(result.ErrorCode),
                ErrorMessage = Cut(result.ErrorMessage),
                FinishReason = Cut(result.FinishReason),
                Model = Cut(result.Model),
            }
            : result;
    }

    private static bool IsPossible(TokenUsage usage) => IsCount(usage.InputTokens) && IsCount(usage.CachedInputTokens) && IsCount(usage.OutputTokens)
        && IsCount(usage.ReasoningTokens) && IsCount(usage.CacheWriteTokens);

    private static bool IsCount(long tokens) => tokens is >= 0 and <= MostTokensOfOneEntry;

    private static bool IsLong(string? text) => text?.Length > MostText;

    private static string? Cut(string? text) =>
        IsLong(text) ? text![..(char.IsHighSurrogate(text![MostText - 1]) ? MostText - 1 : MostText)] : text;

    private async Task<ShardRow> CloseAsync(
        ShardRow shard, ResultIntake intake, Lease lease, EntryStatus missing, (string Code, string Message) whyMissing, string? doubt, CancellationToken ct)
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
        var settled = EntryChange.Settle(EntryStatus.Submitted, missing, whyMissing.Code, whyMissing.Message);
        var closed = await flow.TryAsync(shard, change, settled, ct) ?? throw new LeaseLostException($"shard {shard.Id}");
        LogRead(logger, shard.BatchId, shard.Id, intake.Accepted, intake.Malformed, intake.Unknown, intake.Duplicates, intake.Conflicts);
        flow.Probe.Reached(FlowPoint.ResultsRecorded);
        return closed;
    }

    private static (string Code, string Message) WhyMissing(ShardRow shard) => shard.Status switch
    {
        ShardStatus.Canceled => (FailureCodes.Canceled, "Not run before the batch was cancelled."),
        ShardStatus.Expired when shard.FailureCode == FailureCodes.GivenUp => (FailureCodes.GivenUp, shard.FailureReason!),
        ShardStatus.Expired => (FailureCodes.Expired, "Not run before the provider's window passed."),
        ShardStatus.Ended when shard.FailureCode == FailureCodes.NoRoom => (FailureCodes.NoRoom, shard.FailureReason!),
        ShardStatus.Failed => (shard.FailureCode ?? FailureCodes.BatchRefused, shard.FailureReason ?? "The provider refused the batch."),
        _ => (FailureCodes.Missing, "The provider's results do not mention this entry."),
    };

    [LoggerMessage(Level = LogLevel.Information, Message =
        "Batch {BatchId}: results of shard {ShardId} read: {Accepted} lines, {Malformed} malformed, {Unknown} unknown, {Duplicates} duplicate, {Conflicts} conflicting.")]
    private static partial void LogRead(
        ILogger logger, long batchId, long shardId, int accepted, int malformed, int unknown, int duplicates, int conflicts);
}
