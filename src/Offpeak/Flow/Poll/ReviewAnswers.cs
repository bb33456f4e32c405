using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Looks at the answers of a chunk before they are applied: those that do not match their schema, were cut off, or call tools go into the
/// next round instead of being the last word. The answer is stored either way; it is paid for. Whatever goes wrong with one answer is that
/// answer's fate.
/// </summary>
internal sealed class ReviewAnswers(FlowContext flow)
{
    private const string Component = "review_answers";

    public async Task RunAsync(BatchRow batch, IEntryCodec codec, List<ResultRow> chunk, CancellationToken ct)
    {
        if (batch is { MaxTurns: 0, ValidatesAnswers: false })
            return;

        var positions = new Dictionary<long, int>();
        for (var i = 0; i < chunk.Count; i++)
        {
            if (chunk[i].Status == EntryStatus.Succeeded)
                positions[chunk[i].EntryId] = i;
        }

        long[] left = [.. positions.Keys.Order()];
        while (left.Length > 0 && await flow.Store.ReadReviewsAsync(left, PageBytes.Most, ct) is { Count: > 0 } page)
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
        var callsTools = row.Result.FinishReason == FinishReasons.ToolCalls;
        if (callsTools && batch is { MaxTurns: > 0, CancelRequestedAt: null })
        {
            return entry.Turn < batch.MaxTurns
                ? Again(row, EntryContinuation.ToolCalls, null)
                : Fail(row, FailureCodes.TurnLimit, $"It still called tools after {batch.MaxTurns} turns.");
        }

        return callsTools || entry.Request is not { } request ? row : Check(batch, codec, row, entry, request);
    }

    private static ResultRow Check(BatchRow batch, IEntryCodec codec, ResultRow row, EntryReview entry, ReadOnlyMemory<byte> request)
    {
        if (codec.ReadSchema(batch.Endpoint, request) is not { } schema
            || AnswerSchema.Compile(schema).Check(codec.ReadText(batch.Endpoint, row.Result.Body.Span)) is not { } finding)
        {
            return row;
        }

        // It is paid for, and may well be right: asked again, it would be paid again and no easier to check.
        if (finding.IsUnchecked)
            return Fail(row, FailureCodes.Unreadable, $"{finding.Problem} It is kept as it is.");

        var isCut = row.Result.FinishReason == FinishReasons.Length;
        var isLast = batch.CancelRequestedAt is not null;
        if (isCut && !entry.OutputRaised && !isLast)
            return Again(row, EntryContinuation.OutputLimit, "The answer was cut off at the limit on output tokens.");

        if (isCut)
            return Fail(row, FailureCodes.OutputLimit, isLast
                ? "The answer was cut off at the limit on output tokens." : "The answer was cut off at the limit on output tokens, also at a higher one.");

        return entry.AnswerRetries < batch.MaxAnswerRetries && !isLast
            ? Again(row, EntryContinuation.InvalidAnswer, finding.Problem)
            : Fail(row, FailureCodes.InvalidAnswer, finding.Problem);
    }

    private static ResultRow Again(ResultRow row, EntryContinuation continuation, string? problem) => row with
    {
        Status = EntryStatus.Pending,
        Continuation = continuation,
        Result = row.Result with { ErrorCode = problem is null ? null : FailureCodes.InvalidAnswer, ErrorMessage = problem },
    };

    private static ResultRow Fail(ResultRow row, string code, string problem) => row with
    {
        Status = EntryStatus.Failed,
        Result = row.Result with { ErrorCode = code, ErrorMessage = problem },
    };
}
