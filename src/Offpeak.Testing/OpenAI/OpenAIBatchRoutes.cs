using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>OpenAI API reference: Batch.</summary>
internal sealed class OpenAIBatchRoutes(EmulatorState state, OpenAIAnswerer answerer, ServerFlavor flavor)
{
    private const int DefaultPerPage = 20;
    private const int MostPerPage = 100;

    private readonly BatchFactory factory = new(state, answerer, flavor.Provider, flavor.Dialect.WriteCancelledLines);

    private OpenAIDialect Dialect => flavor.Dialect;

    public async Task<Reply> CreateAsync(HttpContext context)
    {
        var body = await RequestJson.ReadAsync(context.Request);
        if (CreateBatchRequest.TryRead(body, flavor, out var request) is { } refusal)
            return refusal;
        var batch = await factory.MakeAsync((number, faults) => OrderOf(request!, number, faults));
        var rendered = await RenderAsync(batch);
        return new JsonReply(Dialect.WrapCreatedJob ? new JsonObject { ["job"] = rendered } : rendered);
    }

    public async Task<Reply> GetAsync(HttpContext context) =>
        Find(context) is { } batch ? new JsonReply(await RenderAsync(batch)) : OpenAIRefusals.NoBatch(IdOf(context));

    public async Task<Reply> ListAsync(HttpContext context)
    {
        if (OpenAIList.Limit(context.Request, DefaultPerPage, MostPerPage) is not { } limit)
            return OpenAIList.InvalidLimit(MostPerPage);
        if (OpenAIList.After(context.Request, state.Batches.Listed(flavor.Provider), batch => batch.Id) is not { } rest)
            return OpenAIList.InvalidAfter(context.Request);
        var page = new List<JsonObject>();
        foreach (var batch in rest.Take(limit))
            page.Add(await RenderAsync(batch));
        return OpenAIList.Render(page, rest.Count > limit, Dialect.ListWrapper);
    }

    public async Task<Reply> CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return OpenAIRefusals.NoBatch(IdOf(context));
        var now = state.Time.GetUtcNow();
        if (await batch.CancelAsync(now))
            return new JsonReply(await RenderAsync(batch));
        var status = (await batch.ViewAsync(now)).State.Status.Name();
        return OpenAIRefusals.Reply(409, $"Cannot cancel a batch with status '{status}'.");
    }

    private BatchOrder OrderOf(CreateBatchRequest request, int number, IReadOnlyList<Fault> faults) =>
        new(flavor.Provider, number, state.Files.Find(request.InputFileId), request.InputFileId, request.Endpoint)
        {
            CompletionWindow = request.Window,
            Metadata = request.Metadata,
            OutputExpiresAfter = request.OutputExpiresAfter,
            FilePurpose = flavor.FilePurpose,
            HasBareLines = flavor.HasBareLines,
            HasEmptyErrorFile = flavor.HasEmptyErrorFiles,
            Faults = faults,
        };

    private async Task<JsonObject> RenderAsync(BatchRecord batch) =>
        OpenAIBatchJson.Render(await batch.ViewAsync(state.Time.GetUtcNow()), flavor);

    private BatchRecord? Find(HttpContext context) => state.Batches.Find(flavor.Provider, IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["batchId"]!;
}
