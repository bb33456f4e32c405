using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Looks at the answers of a chunk before they are applied: those that do not match their schema, were cut off, are empty, have paused or
/// call tools go into the next round instead of being the last word, or fail. The answer is stored either way; it is paid for. Whatever goes
/// wrong with one answer is that answer's fate.
/// </summary>
internal sealed class ReviewAnswers(FlowContext flow)
{
    private const string Component = "review_answers";

    // A model that pauses does so a few times, also where nobody has thought of turns.
    private const int LeastPauses = 3;

    public async Task RunAsync(BatchRow batch, IEntryCodec codec, List<ResultRow> chunk, CancellationToken ct)
    {
        var looksAtAll = batch is not { MaxTurns: 0, ValidatesAnswers: false };
        var (full, empty) = (new Dictionary<long, int>(), new Dictionary<long, int>());
        for (var i = 0; i < chunk.Count; i++)
        {
            if (chunk[i].Status != EntryStatus.Succeeded)
                continue;

            if (chunk[i].Result.IsEmpty)
                empty[chunk[i].EntryId] = i;
            else if (looksAtAll || chunk[i].Result.FinishReason == FinishReasons.PauseTurn)
                full[chunk[i].EntryId] = i;
        }

        await ReviewAsync(batch, codec, chunk, full, withRequests: false, ct);
        await ReviewAsync(batch, codec, chunk, empty, withRequests: true, ct);
    }

    private async Task ReviewAsync(
        BatchRow batch, IEntryCodec codec, List<ResultRow> chunk, Dictionary<long, int> positions, bool withRequests, CancellationToken ct)
    {
        long[] left = [.. positions.Keys.Order()];
        while (left.Length > 0 && await flow.Store.ReadReviewsAsync(left, withRequests, PageBytes.Most, ct) is { Count: > 0 } page)
        {
            foreach (var entry in page)
                chunk[positions[entry.EntryId]] = Guarded(batch, codec, chunk[positions[entry.EntryId]], entry);

            var last = page[^1].EntryId;
            left = [.. left.Where(id => id > last)];
        }
    }

    private ResultRow Guarded(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        try
        {
            return Review(batch, codec, row, entry);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            flow.Probe.Reached(FlowPoint.RowIsolated);
            flow.Errors.Report(error, Component, batch.Id);
            var why = error is OffpeakException ? error.Message : $"{error.GetType().Name}.";
            return Fail(row, FailureCodes.Unreadable, $"The answer is kept, but could not be checked: {why}");
        }
    }

    private static ResultRow Review(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        if (row.Result.FinishReason == FinishReasons.PauseTurn)
            return Paused(batch, row, entry);

        var callsTools = row.Result.FinishReason == FinishReasons.ToolCalls;
        if (callsTools && batch is { MaxTurns: > 0, CancelRequestedAt: null })
        {
            return entry.Turn < batch.MaxTurns
                ? Again(row, EntryContinuation.ToolCalls, null)
                : Fail(row, FailureCodes.TurnLimit, $"It still called tools after {batch.MaxTurns} turns.");
        }

        if (row.Result.IsEmpty)
            return Empty(batch, codec, row, entry);

        return callsTools || entry.Request is not { } request ? row : Check(batch, codec, row, entry, request);
    }

    private static ResultRow Paused(BatchRow batch, ResultRow row, EntryReview entry)
    {
        if (batch.CancelRequestedAt is not null)
            return Fail(row, FailureCodes.NotContinued, $"The model has paused ({FinishReasons.PauseTurn}), and the batch was cancelled before it could go on.");

        var most = Math.Max(batch.MaxTurns, LeastPauses);
        return entry.Turn < most
            ? Again(row, EntryContinuation.Paused, null)
            : Fail(row, FailureCodes.TurnLimit, $"It still paused ({FinishReasons.PauseTurn}) after {most} turns.");
    }

    private static ResultRow Empty(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        if (row.Result.FinishReason == FinishReasons.Length)
            return CutOff(batch, codec, row, entry);

        var word = row.Result.FinishReason is { Length: > 0 } said ? $"the model ended with '{said}'" : "the model did not say why it ended";
        return Fail(row, FailureCodes.EmptyAnswer, $"The answer is empty; {word}.");
    }

    // What came is no input for the next round: the request as it was is asked again, with more room, and once.
    private static ResultRow CutOff(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        var limit = entry.Request is { } request ? codec.ReadOutputLimit(batch.Endpoint, request) : null;
        var problem = OutputLimitText.Of(row.Result.IsEmpty, limit, entry.OutputRaised);
        return entry.OutputRaised || batch.CancelRequestedAt is not null
            ? Fail(row, FailureCodes.OutputLimit, problem)
            : Again(row, EntryContinuation.OutputLimit, problem, FailureCodes.OutputLimit);
    }

    private static ResultRow Check(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry, ReadOnlyMemory<byte> request)
    {
        if (codec.ReadSchema(batch.Endpoint, request) is not { } schema || Find(schema, codec.ReadChoices(batch.Endpoint, row.Result.Body.Span)) is not { } finding)
            return row;

        // It is paid for, and may well be right: asked again, it would be paid again and no easier to check.
        if (finding.IsUnchecked)
            return Fail(row, FailureCodes.Unreadable, $"{finding.Problem} It is kept as it is.");

        if (row.Result.FinishReason == FinishReasons.Length)
            return CutOff(batch, codec, row, entry);

        return entry.AnswerRetries < batch.MaxAnswerRetries && batch.CancelRequestedAt is null
            ? Again(row, EntryContinuation.InvalidAnswer, finding.Problem)
            : Fail(row, FailureCodes.InvalidAnswer, finding.Problem);
    }

    // The first choice is the answer. Models put fences around JSON, or words beside it in a part of their own.
    private static AnswerFinding? Find(string schema, IReadOnlyList<AnswerChoice> choices)
    {
        var compiled = AnswerSchema.Compile(schema);
        AnswerFinding? first = null;
        foreach (var candidate in choices is [var answer, ..] ? answer.Candidates() : [])
        {
            if (compiled.Check(candidate) is not { } finding)
                return null;

            first ??= finding;
            // Each check may take seconds: what could not be told of one is not tried with the next.
            if (finding.IsUnchecked)
                break;
        }

        return first ?? compiled.Check(answer: null);
    }

    private static ResultRow Again(ResultRow row, EntryContinuation continuation, string? problem, string code = FailureCodes.InvalidAnswer) => row with
    {
        Status = EntryStatus.Pending,
        Continuation = continuation,
        Result = row.Result with { ErrorCode = problem is null ? null : code, ErrorMessage = problem },
    };

    private static ResultRow Fail(ResultRow row, string code, string problem) => row with
    {
        Status = EntryStatus.Failed,
        Result = row.Result with { ErrorCode = code, ErrorMessage = problem },
    };
}
