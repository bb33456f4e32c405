using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>Makes batches of an input file and begins to answer them.</summary>
internal sealed class BatchFactory(EmulatorState state, OpenAIAnswerer answerer, string provider, bool tellsCancelled = false)
{
    private readonly ResultComposer composer = state.ComposerOf(new OpenAIResultLines(tellsCancelled));

    public async Task<BatchRecord> MakeAsync(Func<int, IReadOnlyList<Fault>, BatchOrder> order)
    {
        var enqueued = await EnqueuedTokensAsync();
        var batch = Make(order(state.Batches.NextNumber(), state.Faults.TakeForBatch()), enqueued);
        state.Batches.Add(batch);
        return batch;
    }

    private BatchRecord Make(BatchOrder order, long enqueued)
    {
        var timeline = new BatchTimeline(state.Pace, state.Time.GetUtcNow()) { Ending = EndingOf(order, enqueued) };
        var run = Task.Run(() => new InputFileRun(state, answerer, order).Execute());
        return new BatchRecord(order, timeline, run, composer);
    }

    // Without a limit nobody needs the sum, and asking would make a create wait for the answers of other batches.
    private ValueTask<long> EnqueuedTokensAsync() =>
        state.Options.EnqueuedTokenLimit is null ? new(0) : state.Batches.EnqueuedTokensAsync(provider);

    private BatchEnding? EndingOf(BatchOrder order, long enqueued)
    {
        if (order.FaultOf(FaultAction.EndBatch) is { } fault)
            return BatchEnding.From(fault);
        if (state.Options.EnqueuedTokenLimit is not { } limit || enqueued + order.EnqueuedTokens <= limit)
            return null;
        return new BatchEnding(BatchPhase.Failed, null, new LineProblem(
            "token_limit_exceeded",
            $"Enqueued token limit reached in organization org-emulator. Limit: {limit:N0} enqueued tokens. "
            + "Please try again once some in_progress batches have been completed."));
    }
}
