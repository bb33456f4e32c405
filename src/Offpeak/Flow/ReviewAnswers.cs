using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Looks at the answers of a chunk before they are applied: those that do not match their schema, were cut off, or call tools go into the
/// next round instead of being the last word. The answer is stored either way; it is paid for.
/// </summary>
internal sealed class ReviewAnswers(TurnStore turns)
{
    public async Task RunAsync(Batch batch, IEntryCodec codec, List<ResultRow> chunk, CancellationToken ct)
    {
        if (batch is { MaxTurns: 0, ValidatesAnswers: false })
            return;
        var answered = chunk.Where(row => row.Status == EntryStatus.Succeeded).Select(row => row.EntryId).ToList();
        var entries = answered.Count == 0 ? [] : await turns.ReviewsAsync(answered, ct);
        for (var i = 0; i < chunk.Count; i++)
        {
            if (chunk[i].Status == EntryStatus.Succeeded && entries.TryGetValue(chunk[i].EntryId, out var entry))
                chunk[i] = Review(batch, codec, chunk[i], entry);
        }
    }

    private static ResultRow Review(Batch batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        var callsTools = row.Result.FinishReason == FinishReasons.ToolCalls;
        if (callsTools && batch.MaxTurns > 0)
        {
            return entry.Turn < batch.MaxTurns
                ? Again(row, EntryContinuation.ToolCalls, null)
                : Fail(row, FailureCodes.TurnLimit, $"It still called tools after {batch.MaxTurns} turns.");
        }

        return callsTools || !entry.ValidatesAnswer ? row : Check(batch, codec, row, entry);
    }

    private static ResultRow Check(Batch batch, IEntryCodec codec, ResultRow row, EntryReview entry)
    {
        var endpoint = new BatchEndpoint(batch.Endpoint);
        if (codec.ReadSchema(endpoint, entry.Request!) is not { } schema
            || AnswerSchema.Compile(schema).Problem(codec.ReadText(endpoint, row.Result.Body.Span)) is not { } problem)
        {
            return row;
        }

        var isCut = row.Result.FinishReason == FinishReasons.Length;
        if (isCut && !entry.OutputRaised)
            return Again(row, EntryContinuation.OutputLimit, "The answer was cut off at the limit on output tokens.");
        if (isCut)
            return Fail(row, FailureCodes.OutputLimit, "The answer was cut off at the limit on output tokens, also at a higher one.");
        return entry.AnswerRetries < batch.MaxAnswerRetries
            ? Again(row, EntryContinuation.InvalidAnswer, problem)
            : Fail(row, FailureCodes.InvalidAnswer, problem);
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
