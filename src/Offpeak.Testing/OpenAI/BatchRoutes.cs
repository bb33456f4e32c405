using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.OpenAI;

/// <summary>OpenAI API reference: Batch.</summary>
internal sealed class BatchRoutes(EmulatorState state, OpenAIAnswerer answerer)
{
    private const int DefaultPerPage = 20;
    private const int MostPerPage = 100;

    private readonly ResultComposer composer = new(state.Files, state.Options, new ResultLines());

    private OpenAIDialect Dialect => state.Options.OpenAIDialect;

    public async Task<Reply> CreateAsync(HttpContext context)
    {
        using var body = await RequestJson.ReadAsync(context.Request);
        if (CreateBatchRequest.TryRead(body?.RootElement ?? default, out var request) is { } refusal)
            return refusal;
        var batch = Make(request!, await EnqueuedTokensAsync());
        state.Batches.Add(batch);
        var rendered = await RenderAsync(batch);
        return new JsonReply(Dialect.WrapCreatedJob ? new JsonObject { ["job"] = rendered } : rendered);
    }

    public async Task<Reply> GetAsync(HttpContext context) =>
        Find(context) is { } batch ? new JsonReply(await RenderAsync(batch)) : OpenAIErrors.NoBatch(IdOf(context));

    public async Task<Reply> ListAsync(HttpContext context)
    {
        if (OpenAIList.Limit(context.Request, DefaultPerPage, MostPerPage) is not { } limit)
            return OpenAIList.InvalidLimit(MostPerPage);
        if (OpenAIList.After(context.Request, state.Batches.Listed(OpenAIRoutes.Provider), batch => batch.Id) is not { } rest)
            return OpenAIList.InvalidAfter(context.Request);
        var page = new List<JsonObject>();
        foreach (var batch in rest.Take(limit))
            page.Add(await RenderAsync(batch));
        return OpenAIList.Render(page, rest.Count > limit, Dialect.ListWrapper);
    }

    public async Task<Reply> CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return OpenAIErrors.NoBatch(IdOf(context));
        var now = state.Time.GetUtcNow();
        if (await batch.CancelAsync(now))
            return new JsonReply(await RenderAsync(batch));
        var status = (await batch.ViewAsync(now)).State.Status.Name();
        return OpenAIErrors.Reply(409, $"Cannot cancel a batch with status '{status}'.");
    }

    private BatchRecord Make(CreateBatchRequest request, long enqueued)
    {
        var input = state.Files.Find(request.InputFileId);
        var order = new BatchOrder(OpenAIRoutes.Provider, state.Batches.NextNumber(), input, request.InputFileId, request.Endpoint)
        {
            Metadata = request.Metadata,
            OutputExpiresAfter = request.OutputExpiresAfter,
            Faults = state.Faults.TakeForBatch(),
        };
        var timeline = new BatchTimeline(state.Options, state.Time.GetUtcNow()) { Ending = EndingOf(order, enqueued) };
        var run = Task.Run(() => new InputFileRun(state, answerer, order).Execute());
        return new BatchRecord(order, timeline, run, composer);
    }

    // Without a limit nobody needs the sum, and asking would make a create wait for the answers of other batches.
    private ValueTask<long> EnqueuedTokensAsync() =>
        state.Options.EnqueuedTokenLimit is null ? new(0) : state.Batches.EnqueuedTokensAsync(OpenAIRoutes.Provider);

    private BatchEnding? EndingOf(BatchOrder order, long enqueued)
    {
        if (order.FaultOf(FaultAction.EndBatch) is { } fault)
            return BatchEnding.From(fault);
        if (state.Options.EnqueuedTokenLimit is not { } limit || enqueued + order.EnqueuedTokens <= limit)
            return null;
        return new BatchEnding(BatchStatus.Failed, null, new LineProblem(
            "token_limit_exceeded",
            $"Enqueued token limit reached in organization org-emulator. Limit: {limit:N0} enqueued tokens. "
            + "Please try again once some in_progress batches have been completed."));
    }

    private async Task<JsonObject> RenderAsync(BatchRecord batch) =>
        BatchJson.Render(await batch.ViewAsync(state.Time.GetUtcNow()), Dialect.StatusSpelling);

    private BatchRecord? Find(HttpContext context) => state.Batches.Find(OpenAIRoutes.Provider, IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["batchId"]!;
}
