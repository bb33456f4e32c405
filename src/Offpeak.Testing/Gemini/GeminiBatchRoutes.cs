using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Gemini;

/// <summary>Gemini API reference: models.batchGenerateContent, models.asyncBatchEmbedContent and batches.</summary>
internal sealed class GeminiBatchRoutes(EmulatorState state, GeminiAnswerer answerer)
{
    private const long LargestCall = 20 * 1024 * 1024;
    private const string IdLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly ConcurrentDictionary<string, bool> deleted = new();

    public async Task<Reply> CreateAsync(HttpContext context, bool isEmbedding)
    {
        if (context.Request.ContentLength > LargestCall)
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            return GeminiRefusals.Reply(400, $"Request payload size exceeds the limit: {LargestCall} bytes.");
        }

        var body = await RequestJson.ReadAsync(context.Request);
        if (CreateRequest.TryRead(body, out var request) is { } refusal)
            return refusal;
        EmulatedFile? file = null;
        if (request!.FileName is { } name && (file = state.Files.Find(name.Split('/')[^1])) is null)
            return GeminiRefusals.NoFile(name);
        var bytes = file?.Bytes ?? context.Request.ContentLength ?? 0;
        if (state.Options.EnqueuedTokenLimit is { } limit
            && await state.Batches.EnqueuedTokensAsync(GeminiRoutes.Provider) + (bytes / 4) > limit)
            return GeminiRefusals.Reply(429, "You exceeded your current quota, please check your plan and billing details.");
        var batch = Make(OrderOf(request, file, bytes, (string)context.Request.RouteValues["model"]!, isEmbedding));
        state.Batches.Add(batch);
        return new JsonReply(await RenderAsync(batch, isListed: false));
    }

    public async Task<Reply> GetAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return GeminiRefusals.NoBatch();
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        var rendered = OperationJson.Render(view, isListed: false);
        return OperationJson.HasInlineResults(view) && state.Files.Find(view.Files.OutputFileId!) is { } file
            ? new OperationReply(rendered, state.Files.PathOf(file), state.Files.NewPath())
            : new JsonReply(rendered);
    }

    public async Task<Reply> ListAsync(HttpContext context) => await Paging.RenderAsync(
        context.Request, [.. state.Batches.Listed(GeminiRoutes.Provider).Where(batch => !deleted.ContainsKey(batch.Id))], "operations",
        async batch => await RenderAsync(batch, isListed: true));

    public async Task<Reply> CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return GeminiRefusals.NoBatch();
        return await batch.CancelAsync(state.Time.GetUtcNow())
            ? new JsonReply(new JsonObject())
            : new JsonReply(new JsonObject
            {
                ["error"] = new JsonObject { ["code"] = 400, ["message"] = "The batch has ended.", ["status"] = "FAILED_PRECONDITION" },
            }, 400);
    }

    public async Task<Reply> DeleteAsync(HttpContext context)
    {
        if (Find(context) is not { } batch || !deleted.TryAdd(batch.Id, true))
            return GeminiRefusals.NoBatch();
        var now = state.Time.GetUtcNow();
        await batch.CancelAsync(now);
        var view = await batch.ViewAsync(now);
        if (view.Files.OutputFileId is { } output)
            state.Files.Delete(output);
        return new JsonReply(new JsonObject());
    }

    public async Task<Reply> DownloadAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["fileId"]!;
        var batch = id.StartsWith("batch-", StringComparison.Ordinal) ? state.Batches.Find(GeminiRoutes.Provider, id[6..]) : null;
        var view = batch is null ? null : await batch.ViewAsync(state.Time.GetUtcNow());
        return view is not null && OperationJson.HasFile(view) && state.Files.Find(view.Files.OutputFileId!) is { } file
            ? new FileReply(state.Files.PathOf(file), id)
            : GeminiRefusals.NoFile(id);
    }

    private GeminiOrder OrderOf(CreateRequest request, EmulatedFile? file, long bytes, string model, bool isEmbedding)
    {
        var path = file is null ? state.Files.NewPath() : state.Files.PathOf(file);
        if (file is null)
            SpoolRequests(path, request.Requests);
        return new GeminiOrder(
            state.Batches.NextNumber(), file, path, model, isEmbedding, file is null ? request.Requests.GetArrayLength() : 0)
        {
            DisplayName = request.DisplayName,
            InputBytes = bytes,
            Metadata = new Dictionary<string, string> { ["displayName"] = request.DisplayName },
            Faults = state.Faults.TakeForBatch(),
        };
    }

    private static void SpoolRequests(string path, JsonElement requests)
    {
        using var spool = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 256 * 1024);
        foreach (var request in requests.EnumerateArray())
        {
            using (var writer = new Utf8JsonWriter(spool))
                request.WriteTo(writer);
            spool.WriteByte((byte)'\n');
        }
    }

    private BatchRecord Make(GeminiOrder order)
    {
        var ending = order.FaultOf(FaultAction.EndBatch) is { } fault ? BatchEnding.From(fault) : null;
        var timeline = new BatchTimeline(state.Pace, state.Time.GetUtcNow()) { Ending = ending };
        var lines = new GeminiResultLines(order.IsInline);
        var run = Task.Run(() => new InputRun(state, answerer, order, lines).Execute());
        return new BatchRecord(order, timeline, run, state.ComposerOf(lines))
        {
            Id = RandomNumberGenerator.GetString(IdLetters, 36),
        };
    }

    private async Task<JsonObject> RenderAsync(BatchRecord batch, bool isListed) =>
        OperationJson.Render(await batch.ViewAsync(state.Time.GetUtcNow()), isListed);

    private BatchRecord? Find(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["batchId"]!;
        return deleted.ContainsKey(id) ? null : state.Batches.Find(GeminiRoutes.Provider, id);
    }
}
